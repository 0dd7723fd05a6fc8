"""What to fetch, when and in what order, and what it tells of what was missed: pure policy, no I/O, so that a
simulation can run it.
"""
