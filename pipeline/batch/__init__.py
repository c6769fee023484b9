"""Many image files in, one row each out."""
