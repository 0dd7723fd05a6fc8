"""The archive: exchanges to WARC records, a spool that loses nothing, a store that keeps them, and the way back.

`spool` writes and seals, `ship` moves to a `store`, `read` gives captures back, `verify` proves what is kept.
"""
