"""Runs on the live web: spider, frontier, spool and articles of many runs in one process."""
