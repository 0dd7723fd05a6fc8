"""Examples to copy: ways of discovering, and site parsers, of one's own."""
