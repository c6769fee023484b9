"""Which form a page is of, and where it lies in its picture."""
