"""Words that several conditions say."""

from collections.abc import Mapping

from schwung.core.text import Text
from schwung.measure.step import Op

OPS: Mapping[Op, Text] = {
    "=": Text("is", "ist"),
    "≠": Text("is not", "ist nicht"),
    "<": Text("is less than", "ist kleiner als"),
    "≤": Text("is at most", "ist höchstens"),
    ">": Text("is more than", "ist größer als"),
    "≥": Text("is at least", "ist mindestens"),
    "in": Text("is one of", "ist eines von"),
    "contains": Text("contains", "enthält"),
    "known": Text("is known", "ist bekannt"),
    "unknown": Text("is not known", "ist nicht bekannt"),
}
