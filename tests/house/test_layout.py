"""The house rules that a machine can check: sizes, words, where SQL may stand, both languages."""

import ast
import re
import statistics
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "schwung"
FILES = sorted(SOURCE.rglob("*.py"))

# Functions over 50 lines that are long for a reason. This list may only shrink.
LONG_FUNCTIONS: frozenset[str] = frozenset()
# The "never" words of the glossary; names that the field fixes are allowed.
BANNED = re.compile(r"(^|_)(utils?|helpers?|common|manager|blast|wallet|subscriber|workflow)(_|$)")
ALLOWED: frozenset[str] = frozenset()
SQL = re.compile(
    r"^\s*(select|insert|update|delete|create|alter|drop)\s+[\w\"*]+.*\b(from|into|set|table|index|where)\b",
    re.I | re.S,
)


@cache
def trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}


@cache
def nodes() -> list[tuple[Path, ast.AST]]:
    """Functions, classes and constants, each with its file."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Constant)
    return [(path, node) for path, tree in trees().items() for node in ast.walk(tree) if isinstance(node, kinds)]


def test_files_are_short() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    too_long = {str(path.relative_to(ROOT)): length for path, length in lengths.items() if length > 500}
    assert not too_long
    assert statistics.median(lengths.values()) <= 150


def test_functions_and_classes_are_short() -> None:
    too_long = set()
    for path, node in nodes():
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno >= 50:
            too_long.add(f"{path.relative_to(SOURCE)}:{node.name}")
        if isinstance(node, ast.ClassDef):
            methods = [item for item in node.body if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)]
            assert len(methods) <= 20, f"{path}:{node.name} has {len(methods)} methods"
    assert too_long == LONG_FUNCTIONS, "mend the new ones, strike the mended ones"


def test_names_come_from_the_glossary() -> None:
    found = {str(path.relative_to(SOURCE)) for path in FILES if BANNED.search(path.stem)}
    for path, node in nodes():
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", node.name).lower()
            if BANNED.search(name) or name.startswith(("process_", "handle_")):
                found.add(f"{path.relative_to(SOURCE)}:{node.name}")
    assert found <= ALLOWED


def test_sql_stands_in_named_files() -> None:
    found = [
        f"{path.relative_to(SOURCE)}:{node.lineno}"
        for path, node in nodes()
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.match(node.value)
    ]
    assert not found


def test_every_module_says_what_it_is() -> None:
    silent = [path for path in FILES if path.name != "__main__.py" and not ast.get_docstring(trees()[path])]
    assert not silent, "a module starts with one sentence"


def test_no_registry_hosts_or_machine_paths() -> None:
    suspicious = re.compile(r"/(?:w[o]rk|r[o]ot)/|\"resolved\":\s*\"http|index-url\s*=")
    texts = [
        path for pattern in ("*.toml", "*.txt", "*.json", "*.md", "Makefile", ".ci/*") for path in ROOT.glob(pattern)
    ]
    assert not [
        str(path) for path in (*texts, *FILES) if path.is_file() and suspicious.search(path.read_text(encoding="utf-8"))
    ]
