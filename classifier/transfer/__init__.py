"""Transfer learning: weights that others trained, and features computed once with them."""
