"""Ways of discovering. Spiders are loaded by dotted name (a site's ``spider`` key); nothing imports them."""
