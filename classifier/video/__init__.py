"""Clips -> frames -> a digit as it is drawn."""
