"""Whole pages: blank forms drawn, filled in with digits, scanned or photographed, with the truth about all of it."""
