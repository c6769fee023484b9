"""The page in the browser: it calls the library, and draws what it answers."""
