"""The ``tridigit`` command, a module for each of its parts."""
