"""Warraq: a news archive that keeps the wire and emits the article."""

__version__ = "0.1.0"
