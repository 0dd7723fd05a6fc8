"""The daemon's local API: its server, its client, its description."""
