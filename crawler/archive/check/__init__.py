"""What proves an archive: fixity, a second reader, manifests."""
