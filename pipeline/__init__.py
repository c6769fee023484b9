"""Reads handwritten numbers of one to six digits from images and knows how sure it is."""

from pipeline.reader import NumberReader
from pipeline.reading import Digit, Reading

__version__ = "0.2.0"
__all__ = ["Digit", "NumberReader", "Reading"]
