"""Who imports whom in a source tree, read from the text without running it."""

import ast
from pathlib import Path


def module_name(path: Path, src: Path) -> str:
    """`xuxie.clean.stage` for src/xuxie/clean/stage.py, `xuxie.clean` for its __init__."""
    parts = path.relative_to(src).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(tree: ast.AST, known: set[str]) -> set[str]:
    """Modules a file imports anywhere, in functions too: ours by module, others as written."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            members = {f"{node.module}.{name.name}" for name in node.names}
            found |= (members & known) or {node.module}
    return found


class ImportGraph:
    """The imports of every module below `src`."""

    def __init__(self, src: Path) -> None:
        files = {module_name(path, src): path for path in sorted(src.rglob("*.py"))}
        self.trees = {name: ast.parse(path.read_text()) for name, path in files.items()}
        self.edges = {name: imports(tree, set(files)) for name, tree in self.trees.items()}

    def importers(self, package: str) -> set[str]:
        """Modules that import a third-party package or anything in it."""
        return {
            name
            for name, targets in self.edges.items()
            if any(f"{target}.".startswith(f"{package}.") for target in targets)
        }

    def reached(self, start: str, *, stop: set[str]) -> set[str]:
        """Our modules that `start` imports, directly or not; those in `stop` lead no further."""
        found: set[str] = set()
        waiting = [start]
        while waiting:
            name = waiting.pop()
            if name in found or name not in self.edges:
                continue
            found.add(name)
            if name not in stop:
                waiting += self.edges[name]
        return found
