"""What servers do: the cases every capture must survive with its bytes intact.

Each has a name, what is special about it, the server's scripts for the requests it takes, and how it must end. What
was sent and received is not repeated here: the server's log knows.
"""

from __future__ import annotations

__all__ = ["CASES", "LIMITS", "Case", "Ends"]

from crawler.capture.selftest.bodies import CODING, FRAMING
from crawler.capture.selftest.case import LIMITS, Case, Ends
from crawler.capture.selftest.endings import BREAKS, LIMITED
from crawler.capture.selftest.heads import FIELDS, STATUS

CASES: tuple[Case, ...] = (*FIELDS, *FRAMING, *STATUS, *CODING, *BREAKS, *LIMITED)
"""All cases, grouped: fields, framing, status, content coding, breaks, limits."""
