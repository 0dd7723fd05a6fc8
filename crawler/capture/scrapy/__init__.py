"""The seam with Scrapy: handler, engine, scheduler, settings, and the services a run gives them."""
