"""Commands that make data and networks, and tune them."""
