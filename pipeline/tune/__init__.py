"""The searches of ``tridigit tune``, and the page that shows what they found."""
