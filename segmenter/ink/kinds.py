"""What a pixel may show: the classes that a network tells apart, in the order of its outputs."""

# INK is the number's digits, as far as is known; WRITING is in no number; a MARK or print leaves the number what it is.
PAPER, INK, WRITING, MARK, SURROUNDING = range(5)
NAMES = ("paper", "ink", "other writing", "marks", "surroundings")
