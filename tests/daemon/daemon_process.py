"""The real supervisor with the dummy runner, as a process: ``daemon_process.py STATE SEEDS OVERRIDES``.

On SIGHUP the overrides in ``settings.json`` of the state folder win, if it is there.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from crawler import log
from crawler.config import Config, load
from crawler.daemon.seeds import Seeds
from crawler.daemon.supervisor import Supervisor


def main() -> int:
    state, seeds, overrides = Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3])
    log.set_up("info")
    settings = state / "settings.json"

    def read() -> Config:
        changed = json.loads(settings.read_text()) if settings.exists() else {}
        return load(overrides={"state.dir": str(state), "storage.url": f"file:{state}/store", **overrides, **changed})

    supervisor = Supervisor(read(), Seeds(seeds), reread=read, runner="dummy_runner:open_dummy")
    return asyncio.run(supervisor.serve(on_ready=lambda socket: (state / "ready").write_text(str(socket))))


sys.exit(main())
