"""Dates as pages, feeds and sitemaps write them."""
