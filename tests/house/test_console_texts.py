"""Every text of the console exists in both languages, with the same marks, and is used; every icon is in the sprite."""

import re
import string
import tomllib
from pathlib import Path

import pytest

from schwung.web.console import AREAS

CONSOLE = Path(__file__).parents[2] / "src" / "schwung" / "web" / "console"
FOLDERS = ("shell", *AREAS)
SOURCES = {
    path: path.read_text(encoding="utf-8")
    for kind in ("*.html", "*.py")
    for path in CONSOLE.rglob(kind)
    if path != CONSOLE / "__init__.py"
}
# A key said outright: t("key"), page.text("key"), t('area:key'); and one put together: t("key." ~ …), page.text(f"key.{…}").
SAID = re.compile(r"""(?:\bt|\.(?:text|words))\(\s*f?["']([a-z0-9_:.]+)["'](?!\s*~)""")
BUILT = re.compile(r"""(?:\bt|\.(?:text|words))\(\s*f?["']([a-z0-9_:.]+)(?:["']\s*~|\{)""")


def _entries(area: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}

    def walk(node: dict, path: str) -> None:
        if "en" in node or "de" in node:
            found[path] = node
            return
        for name, inner in node.items():
            walk(inner, f"{path}.{name}" if path else name)

    walk(tomllib.loads((CONSOLE / area / "texts.toml").read_text(encoding="utf-8")), "")
    return found


TEXTS = {area: _entries(area) for area in FOLDERS}


def _marks(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("area", FOLDERS)
def test_both_languages_say_the_same(area: str) -> None:
    wrong = []
    for key, entry in TEXTS[area].items():
        allowed = {"en", "de", "en_one", "de_one"}
        forms = {"en_one" in entry, "de_one" in entry}
        if set(entry) - allowed or not {"en", "de"} <= set(entry) or len(forms) > 1 or not all(entry.values()):
            wrong.append(key)
        elif _marks(entry["en"]) != _marks(entry["de"]):
            wrong.append(f"{key}: other marks")
    assert not wrong


def _area_of(path: Path) -> str:
    return path.relative_to(CONSOLE).parts[0]


def test_every_key_that_is_said_exists() -> None:
    missing = set()
    for path, source in SOURCES.items():
        for key in SAID.findall(source):
            area, _, name = key.rpartition(":")
            area = area or _area_of(path)
            if area in TEXTS and name not in TEXTS[area]:
                missing.add(f"{path.relative_to(CONSOLE)}: {area}:{name}")
    assert not missing


def test_no_text_is_left_over() -> None:
    said, built = set(), set()
    for path, source in SOURCES.items():
        for pattern, kept in ((SAID, said), (BUILT, built)):
            for key in pattern.findall(source):
                area, _, name = key.rpartition(":")
                kept.add((area or _area_of(path), name))
        # Keys that stand alone in a condition or a list: t("a" if x else "b").
        for key in re.findall(r"""["']([a-z0-9_]+(?:\.[a-z0-9_]+)*)["']""", source):
            said.add((_area_of(path), key))
    left = {
        f"{area}:{key}"
        for area, entries in TEXTS.items()
        for key in entries
        if key != "title"
        and (area, key) not in said
        and not any(area == where and key.startswith(start) for where, start in built)
    }
    assert not left


def test_every_icon_is_listed() -> None:
    listed = set((CONSOLE / "icons.txt").read_text(encoding="utf-8").split())
    used = {
        name
        for source in SOURCES.values()
        for name in re.findall(r"""\bicon\(["']([a-z0-9-]+)["']|icon=["']([a-z0-9-]+)["']""", source)
        for name in name
        if name
    }
    assert used <= listed
    assert sorted(listed) == (CONSOLE / "icons.txt").read_text(encoding="utf-8").split(), "kept in order, each once"


def test_no_inline_style_or_script() -> None:
    forbidden = re.compile(r"""<style|\sstyle=|<script(?![^>]*\bsrc=)|\son[a-z]+=["']|javascript:""", re.I)
    assert not [str(path) for path, source in SOURCES.items() if path.suffix == ".html" and forbidden.search(source)]
