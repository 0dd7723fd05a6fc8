"""One run: live from the web, or again from the archive; both take the same road from capture to article."""
