"""What a Ray cluster of this machine does with units that misbehave and with a replay, as JSON.

    python -m tests.run.offline.ray_trial FOLDER      FOLDER holds 0.warc.gz ...

A process of its own: Ray leaves more behind than a test run may have.
"""

from __future__ import annotations

import json
import os
import sys
from functools import partial
from pathlib import Path

import msgspec
import ray

from crawler.config import load
from crawler.model.selection import Selection
from crawler.run.offline import on_ray
from crawler.run.offline.engine import GaveUp
from crawler.run.offline.on_ray import OnRay
from crawler.run.offline.replay import local_engine, replay
from crawler.run.offline.sources import find_sources
from crawler.run.offline.unit import Order
from crawler.run.parsing.recipe import Recipe
from tests.run.offline import units


def main(folder: Path) -> None:
    root = str(Path(__file__).parents[3])
    os.environ.setdefault("RAY_raylet_start_wait_time_s", "120")
    os.environ["PYTHONPATH"] = root  # workers that Ray starts ahead have it, too; with a runtime_env it starts others
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    engine = OnRay()
    told: dict[str, object] = {}
    (folder / "seen").mkdir()
    told["die_once"] = sorted(engine.map(partial(units.die_once, folder / "seen"), range(2)))
    on_ray.MOST_BREAKS = 2  # each costs a new worker, which takes seconds; that so many are counted is what is proven
    dying = dict(engine.map(units.die_at_seven, [6, 7]))
    told["gave_up"] = [number for number, result in dying.items() if isinstance(result, GaveUp)]
    try:
        list(engine.map(units.fail, [1]))
    except ValueError as error:
        told["raised"] = str(error)
    config = load()
    for name, one in (("ray", engine), ("local", local_engine(config.parse))):
        out = msgspec.structs.replace(config.storage, url=f"file:{folder / name}")
        order = Order(
            recipe=Recipe(), selection=Selection(), parsing=config.parse, work=str(folder / "work"), out=out.url
        )
        sources = find_sources([str(path) for path in sorted(folder.glob("*.warc.gz"))], config.storage)
        told[name] = replay(sources, order=order, out=out, engine=one).articles
    ray.shutdown()
    print(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
