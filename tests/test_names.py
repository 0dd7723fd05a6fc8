"""No name stands in two rooms for two things: whoever reads one knows what it is without looking where it came from."""

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[1]
SAME = {
    "CORRUPTIONS": "each of them a list of corruptions that are planted",
    "EXIT_INTERRUPTED": "the daemon's exit code is that of the commands",
    "R": "a type variable",
    "ROUTES": "each of them the addresses of a server's part",
    "S": "a type variable",
    "T": "a type variable",
    "kind_of": "of a block in the parser's rooms, of a page in its library",
    "main": "what a process begins with",
    "read_page": "the library's is the parser's own for bytes",
}
"""Names that may stand in several modules, and why."""
COMMANDS = ("crawler/cli/", "crawler/daemon/page/")
"""A command, and the handler of a page, are called what they do or show, as the function that does it may be."""


def test_no_public_name_stands_in_two_modules_for_two_things() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path in sorted(path for room in ("crawler", "spiders") for path in (ROOT / room).rglob("*.py")):
        module = path.relative_to(ROOT).as_posix()
        for name in defined(ast.parse(path.read_text(encoding="utf-8"))):
            if not name.startswith("_"):
                places[name].append(module)
    twice = {
        name: modules
        for name, modules in places.items()
        if name not in SAME and len([module for module in modules if not module.startswith(COMMANDS)]) > 1
    }
    assert twice == {}
    assert [name for name in SAME if len(places[name]) < 2] == []


def defined(module: ast.Module) -> list[str]:
    """Return the functions, classes and values that `module` makes, not those it imports."""
    found = []
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.append(node.name)
        elif isinstance(node, ast.Assign):
            found += [target.id for target in node.targets if isinstance(target, ast.Name)]
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.append(node.target.id)
    return found
