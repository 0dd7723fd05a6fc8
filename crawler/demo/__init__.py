"""A small newsroom on loopback that is crawled, archived, parsed and replayed: `warraq demo`."""
