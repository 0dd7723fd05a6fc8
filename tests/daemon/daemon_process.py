"""The real supervisor with the dummy runner, as a process: ``daemon_process.py STATE SEEDS KEY=SECONDS...``."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from crawler import log
from crawler.config import load
from crawler.daemon.seeds import Seeds
from crawler.daemon.supervisor import Supervisor


def main() -> int:
    state, seeds, overrides = Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3])
    log.set_up("info")
    config = load(overrides={"state.dir": str(state), "storage.url": f"file:{state}/store", **overrides})
    supervisor = Supervisor(config, Seeds(seeds), runner="dummy_runner:open_dummy")
    return asyncio.run(supervisor.serve(on_ready=lambda socket: (state / "ready").write_text(str(socket))))


sys.exit(main())
