"""HTTP as bytes: heads, framing, content codings and the blocks that hold them, for whoever reads a response."""
