"""How messages follow each other between the pool and its processes."""

from __future__ import annotations

__all__ = ["FRAME"]

import struct

FRAME = struct.Struct(">I")
"""Length of the message that follows; 0 from a process: it is ready."""
