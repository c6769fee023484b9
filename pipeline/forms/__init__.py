"""Scanned pages of a form -> its fields, read and checked: pages aligned to the blank, known print taken out."""
