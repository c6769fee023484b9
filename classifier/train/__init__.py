"""Digits -> trained networks: what they are shown, the loop that fits them, and the files that ship."""
