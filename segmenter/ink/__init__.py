"""What of an image is the ink of handwriting, and what is print, marks, or beside the paper."""
