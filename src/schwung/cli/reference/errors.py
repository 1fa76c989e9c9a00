"""docs/reference/errors.md: every error code, found where the program raises it."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import schwung
from schwung.cli.reference import Pages, table

_CODE = re.compile(r"[a-z]+(_[a-z0-9]+)+")
_WHO = {
    "InputError": "the caller",
    "SetupError": "the operator",
    "OutsideError": "the world outside",
    "Reason": "the sender (the event waits in quarantine)",
}
_OTHERS = ("__init__", "Problem", "_refusal", "problem")
_CALL = re.compile(rf"\b({'|'.join((*_WHO, *_OTHERS))}|\w*_error)\(")
_HEAD = """# Error codes · Fehlercodes

Every error has a stable code, a sentence and a next step. On the command line they are printed and the exit code says who
must act: 2 the caller, 3 the operator, 4 the world outside. Over HTTP they come as `application/problem+json` (RFC 9457)
with `code`, `detail` and `status`. Marks in braces are filled in.

Jeder Fehler hat einen festen Code, einen Satz und den nächsten Schritt. Auf der Befehlszeile werden sie ausgegeben, und der
Exitcode sagt, wer handeln muss: 2 die aufrufende Seite, 3 der Betrieb, 4 die Außenwelt. Über HTTP kommen sie als
`application/problem+json` (RFC 9457). Stellen in geschweiften Klammern werden ausgefüllt.
"""


@dataclass(frozen=True, slots=True)
class Found:
    """One code with its texts (English, German) as the source states them."""

    code: str
    who: str
    texts: tuple[tuple[str, str], ...]


def pages() -> Pages:
    rows: dict[str, tuple[str, ...]] = {}
    for found in sorted(codes(), key=lambda one: (one.code, -len(one.texts))):
        en = " ".join(text[0] for text in found.texts)
        de = " ".join(text[1] for text in found.texts)
        if found.code not in rows or not rows[found.code][2]:
            rows[found.code] = (f"`{found.code}`", found.who, en, de)
    return {"reference/errors.md": _HEAD + "\n" + table(("code", "who acts", "English", "Deutsch"), [*rows.values()])}


def codes() -> Iterator[Found]:
    """Every code in the source: calls like `InputError("code", Text(…), …)`, and tables of code → (Text, Text)."""
    for path in sorted(Path(schwung.__file__).parent.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if path.stem != "errors" and not _CALL.search(text):
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call):
                yield from _of_call(node)
            elif isinstance(node, ast.Dict) and path.stem == "errors":
                for key, value in zip(node.keys, node.values, strict=True):
                    if isinstance(key, ast.Constant) and isinstance(value, ast.Tuple):
                        yield Found(str(key.value), "the operator", tuple(_texts(value)))


def _of_call(node: ast.Call) -> Iterator[Found]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name not in _WHO and name not in _OTHERS and not name.endswith("_error"):
        return
    first = next(
        (part.value for part in node.args if isinstance(part, ast.Constant) and isinstance(part.value, str)), ""
    )
    if _CODE.fullmatch(first):
        texts = tuple(pair for part in (*node.args, *(word.value for word in node.keywords)) for pair in _texts(part))
        if texts or name in _WHO:
            yield Found(first, _WHO.get(name, "the caller"), texts)


def _texts(node: ast.AST) -> Iterator[tuple[str, str]]:
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and getattr(part.func, "id", "") == "Text":
            given = [*part.args, *(word.value for word in part.keywords)]
            found = [one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            if len(found) == 2:
                yield found[0], found[1]
