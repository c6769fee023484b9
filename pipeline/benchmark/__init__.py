"""Readers -> how well and how fast they read, in figures and on a page."""
