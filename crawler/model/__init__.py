"""Frozen values that travel between the stages; every other package may import these."""
