"""Is the parser compiled, and from the sources that are there? hatch_build.py compiles it."""

from __future__ import annotations

__all__ = ["is_compiled", "stale_sources"]

from importlib.util import find_spec
from pathlib import Path

_STAMP = ".compiled"


def is_compiled() -> bool:
    """Tell whether the hot modules are machine code, not plain Python; nothing of the parser is imported for it."""
    spec = find_spec("crawler.parse.page.flatten")
    return spec is not None and not (spec.origin or "").endswith(".py")


def stale_sources(folder: Path) -> list[str]:
    """Return the modules in `folder` that were edited since they were compiled, which does not show in what they do.

    Only a developer's tree has the stamp that says when that was; an installed package is whole.
    """
    try:
        made = (folder / _STAMP).stat().st_mtime_ns
    except OSError:
        return []
    stems = [path.with_name(path.name.split(".")[0]) for path in folder.rglob("*.so")]
    sources = [stem.with_suffix(suffix) for stem in stems for suffix in (".py", ".c")]
    return sorted(path.name for path in sources if path.exists() and path.stat().st_mtime_ns > made)
