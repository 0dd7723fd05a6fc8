"""A page as a tree, and its text as blocks in reading order."""
