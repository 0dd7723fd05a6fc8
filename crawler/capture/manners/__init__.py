"""Whom to ask, and how often: robots.txt and the pace of each host."""
