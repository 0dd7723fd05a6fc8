"""Silence is what kills archives: the daemon looks at itself and its sites every minute and calls for a person.

`rules` decides what is wrong, from `facts` read from the state and this machine; `watch` raises and clears; `notify`
tells.
"""

from __future__ import annotations

__all__ = ["AlarmWatch", "Finding"]

from crawler.daemon.alarms.rules import Finding
from crawler.daemon.alarms.watch import AlarmWatch
