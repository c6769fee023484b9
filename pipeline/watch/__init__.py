"""Clips -> readings: a digit as it is drawn, a field before a moving camera."""
