"""Alarms: each raised once and cleared once, with the notices of both that channels have not taken yet."""

from __future__ import annotations

__all__ = ["Alarms"]

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from crawler.clock import iso_utc
from crawler.state.protocol import Part
from crawler.state.records import AlarmRow, Notice, Severity
from crawler.state.statements import alarms as sql


class Alarms(Part):
    """What is wrong, what was, and who is still to be told."""

    def open_alarms(self) -> list[AlarmRow]:
        """Return the alarms that are on, the oldest first."""
        return [_alarm_of(row) for row in self._db.all(sql.OPEN_ALARMS)]

    def alarms(self, limit: int = 50) -> list[AlarmRow]:
        """Return the alarms that are on, then at most `limit` that are over, the latest first."""
        return self.open_alarms() + [_alarm_of(row) for row in self._db.all(sql.RECENT_ALARMS, {"limit": limit})]

    def see_alarm(
        self, kind: str, severity: Severity, site: str | None, message: str, *, channels: Iterable[str] = ()
    ) -> bool:
        """Note that something is wrong now; return True if that is new, of which `channels` are then to be told."""
        values = {"kind": kind, "severity": severity, "site": site or "", "message": message, "now": self._now()}
        with self._db.transaction():
            if self._db.run(sql.SEE_ALARM, values):
                return False
            alarm = int(self._db.returning(sql.RAISE_ALARM, values)[0]["id"])
            self._tell(alarm, "raised", channels)
        return True

    def clear_alarm(self, alarm: int, *, channels: Iterable[str] = ()) -> bool:
        """Note that `alarm` (its id) is over; return False if it was already. `channels` are to be told."""
        with self._db.transaction():
            cleared = self._db.run(sql.CLEAR_ALARM, {"id": alarm, "now": self._now()}) == 1
            if cleared:
                self._tell(alarm, "cleared", channels)
        return cleared

    def notices(self, channel: str) -> list[Notice]:
        """Return what `channel` is still to be told, in order."""
        found = []
        for row in self._db.all(sql.NOTICES, {"channel": channel}):
            fields = dict(row)
            del fields["at"]
            found.append(Notice(event=fields.pop("event"), alarm=_alarm_of(fields)))
        return found

    def drop_notices(self, channel: str, notices: Iterable[Notice]) -> None:
        """Forget `notices`, of which `channel` was told."""
        self._db.run_many(
            sql.DROP_NOTICE, [{"channel": channel, "alarm": n.alarm.id, "event": n.event} for n in notices]
        )

    def prune_alarms(self, before: datetime, *, notices_before: datetime) -> int:
        """Forget alarms that were over before `before`, and what nobody could be told since `notices_before`."""
        with self._db.transaction():
            self._db.run(sql.PRUNE_NOTICES, {"before": iso_utc(notices_before)})
            return self._db.run(sql.PRUNE_ALARMS, {"before": iso_utc(before)})

    def _tell(self, alarm: int, event: str, channels: Iterable[str]) -> None:
        now = self._now()
        self._db.run_many(
            sql.ADD_NOTICE, [{"alarm": alarm, "event": event, "channel": c, "now": now} for c in channels]
        )


def _alarm_of(row: Any) -> AlarmRow:
    fields = dict(row)
    return msgspec.convert({**fields, "site": fields["site"] or None}, AlarmRow)
