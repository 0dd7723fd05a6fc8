"""What the tree is like: its size, its functions, the names that stand in more than one place.

    python benchmarks/tree.py [FOLDER ...]

Each FOLDER is a checkout; without one, this. Counted are the modules of ``crawler``, ``spiders`` and ``config``: lines
as they stand; the lines of every function, nested ones with the one around them; names of files (``__init__`` left out)
and of public classes that two modules or more have.
"""

from __future__ import annotations

import argparse
import ast
import statistics
from collections import Counter
from pathlib import Path

ROOMS = ("crawler", "spiders", "config")


def measure(folder: Path) -> dict[str, object]:
    """Return the figures of the checkout in `folder`, by what they are."""
    paths = [path for room in ROOMS for path in sorted((folder / room).rglob("*.py"))]
    lines, functions, classes = 0, [], Counter[str]()
    for path in paths:
        text = path.read_text(encoding="utf-8")
        lines += text.count("\n")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                size = (node.end_lineno or node.lineno) - node.lineno + 1
                functions.append((size, f"{path.relative_to(folder)}:{node.name}"))
            elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                classes[node.name] += 1
    files = Counter(path.name for path in paths if path.name != "__init__.py")
    sizes = sorted(size for size, _ in functions)
    longest = max(functions)
    return {
        "modules": len(paths),
        "lines": lines,
        "functions": len(sizes),
        "function, median": statistics.median(sizes),
        "function, p95": sizes[int(len(sizes) * 0.95)],
        "function, longest": f"{longest[0]} ({longest[1]})",
        "file names in several places": sum(1 for count in files.values() if count > 1),
        "public class names in several places": sum(1 for count in classes.values() if count > 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, default=[Path(__file__).parents[1]])
    measured = [measure(folder) for folder in parser.parse_args().folders]
    for name in measured[0]:
        print(f"{name:38}", *(f"{figures[name]!s:>12}" for figures in measured))


if __name__ == "__main__":
    main()
