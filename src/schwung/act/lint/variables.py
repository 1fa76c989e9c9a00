"""A variable that nobody fills would fail at the moment of sending."""

from collections.abc import Iterator

from schwung.act.lint.rule import Draft, Rule
from schwung.core.text import Text


def _says(draft: Draft) -> Iterator[Text]:
    for path in draft.names:
        shown = ".".join(path)
        if not any(_covers(known, path) for known in draft.known):
            yield Text("There is no variable {name}.", "Eine Variable {name} gibt es nicht.").fill(name=shown)


def _covers(known: str, path: tuple[str, ...]) -> bool:
    parts = known.split(".")
    return parts == list(path[: len(parts)])


RULE = Rule("variables", Text("Variables", "Variablen"), True, _says)
