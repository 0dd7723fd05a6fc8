"""From exchange to a sealed and shipped WARC file."""
