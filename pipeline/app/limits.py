"""How much an upload may be: what a person may want to read in one go, and no more than a small machine bears."""

# Of one file, packed or not, in bytes.
MOST_BYTES = 200 << 20
# Of a ZIP: files in it, and all of them unpacked, in bytes.
MOST_ENTRIES = 10_000
MOST_UNPACKED = 1 << 30
# Of a PDF.
MOST_PAGES = 500
# Of an image, or of a page of a PDF.
MOST_PIXELS = 64_000_000
