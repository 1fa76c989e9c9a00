"""What a person fills in for a condition: the console's form and the reference are made from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from schwung.core.text import Text

Kind = Literal["step", "bound", "span", "number", "text", "property", "test", "choice", "choices", "words", "flag",
               "rule", "mapping", "shares"]  # fmt: skip
"""step: an event or fact, with one filter. bound: one of several names and its number. property: a word under one of several
names. test: an operator and a value. choice, choices: one or several of the options. words: a list of free words. flag: yes or not.
Of steps of journeys: rule: a whole rule; mapping: names and values; shares: ways with their parts."""


@dataclass(frozen=True, slots=True)
class Field:
    """name: its key in the condition; empty: what it says stands beside the others (step, bound, property, test), or is all
    there is (choices, words, text). options: possible values or names with their texts."""

    name: str
    kind: Kind
    label: Text
    options: Mapping[str, Text] = field(default_factory=dict)
    is_optional: bool = False


WHAT = Text("what", "was")
STEP = Field("", "step", WHAT)
WITHIN = Field("within", "span", Text("in the last", "in den letzten"), is_optional=True)
TEST = Field("", "test", Text("test", "Prüfung"))
