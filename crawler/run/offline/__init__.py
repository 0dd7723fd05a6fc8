"""Runs on an archive: replay, rebuilding the state, learning profiles."""
