"""Bytes to text: the declared encoding, or the one that fits."""
