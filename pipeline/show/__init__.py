"""What pictures and pages share: drawing, style and HTML."""
