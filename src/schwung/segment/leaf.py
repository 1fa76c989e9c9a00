"""What a kind of condition is, and how the files in `leaves/` read their parts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.measure.step import Condition, Step
from schwung.segment.field import Field
from schwung.segment.rule import Leaf, LeafError
from schwung.segment.span import read_span


@dataclass(frozen=True, slots=True)
class LeafKind:
    """One kind of condition. name: its key in a rule. example: how it is written, which is its test. fields: its form.

    has_past: what held on an earlier day can be told from the facts; False: only how it is now is known.
    """

    name: str
    title: Text
    definition: Text
    read: Callable[[Any], Leaf]
    example: Mapping[str, Any]
    fields: tuple[Field, ...]
    has_past: bool = True


def mapping(written: Any, *known: str) -> Mapping[str, Any]:
    """A mapping with no other names than the known ones."""
    if not isinstance(written, Mapping):
        raise LeafError(Text("a mapping is expected", "erwartet wird eine Zuordnung"))
    unknown = [str(name) for name in written if name not in known]
    if unknown:
        raise LeafError(
            Text(
                "“{name}” is not known here; known: {known}", "„{name}“ ist hier nicht bekannt; bekannt: {known}"
            ).fill(name=unknown[0][:60], known=", ".join(known))
        )
    return written


def span(written: Mapping[str, Any], name: str) -> int | None:
    """A length of time, where there is one."""
    if written.get(name) is None:
        return None
    found = read_span(written[name])
    if found is None:
        raise LeafError(
            Text("“{name}” needs a length such as 30 days", "„{name}“ braucht eine Dauer, etwa 30 days").fill(name=name)
        )
    return found


def step(written: Any) -> Step:
    try:
        return Step.read(written)
    except InputError as error:
        raise LeafError(error.message) from error


def condition(written: Any) -> Condition:
    try:
        return Condition.read(written)
    except InputError as error:
        raise LeafError(error.message) from error


def number(value: Any, name: str, *, whole: bool = False, least: float | None = None) -> float:
    fits = isinstance(value, int | float) and not isinstance(value, bool) and value == value and abs(value) < 1e15
    if not fits or (whole and value != int(value)) or (least is not None and value < least):
        raise LeafError(Text("“{name}” needs a number", "„{name}“ braucht eine Zahl").fill(name=name))
    return float(value)


def texts(written: Any, known: Mapping[str, Any] | None = None) -> tuple[str, ...]:
    """A word or several, all of them among the known ones."""
    found = [written] if isinstance(written, str) else written
    if not isinstance(found, Sequence) or not found or not all(isinstance(one, str) and one for one in found):
        raise LeafError(
            Text("a word or a list of words is expected", "erwartet wird ein Wort oder eine Liste von Wörtern")
        )
    for one in found if known is not None else ():
        if one not in (known or ()):
            raise LeafError(
                Text("“{word}” is not known; known: {known}", "„{word}“ ist nicht bekannt; bekannt: {known}").fill(
                    word=one[:60], known=", ".join(known or ())
                )
            )
    return tuple(dict.fromkeys(found))


def listed(words: Sequence[Text]) -> Text:
    """a, b or c."""
    if len(words) == 1:
        return words[0]
    head = Text(", ".join(one.en for one in words[:-1]), ", ".join(one.de for one in words[:-1]))
    return Text(f"{head.en} or {words[-1].en}", f"{head.de} oder {words[-1].de}")


def same(word: str) -> Text:
    """A word that is the same in both languages."""
    return Text(word, word)
