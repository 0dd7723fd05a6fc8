"""What channels announce: feeds, sitemaps, listings, and the links of a page."""
