"""Proof that what is recorded is what crossed the wire: a server that misbehaves, and keeps a log of it.

The server's log of what it sent and received is the expectation; nothing is assumed about either.
"""

from __future__ import annotations

__all__ = ["CASES", "Case", "CaseResult", "Origin", "run_selftest"]

from crawler.capture.selftest.cases import CASES, Case
from crawler.capture.selftest.run import CaseResult, run_selftest
from crawler.capture.selftest.server import Origin
