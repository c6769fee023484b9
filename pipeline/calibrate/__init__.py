"""Readings of known numbers -> the profile by which a reader decides."""
