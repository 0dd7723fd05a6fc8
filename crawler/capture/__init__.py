"""The seam with the network and with Scrapy: what crossed the wire becomes an `Exchange`, archived before any parse."""
