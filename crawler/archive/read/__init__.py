"""From WARC, ARC and WACZ files, ours or not, to captures; and what the indexes of a store tell."""
