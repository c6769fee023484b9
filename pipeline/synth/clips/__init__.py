"""Composed clips: digits as a pen draws them, and fields before a moving camera."""
