"""The archive back out: its catalogue, SQL over it, articles selected and written, full text, frozen datasets."""
