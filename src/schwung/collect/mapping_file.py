"""Reads a mapping from YAML and reports every mistake with its line."""

import re
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, NamedTuple, get_args

import yaml

from schwung.collect.currencies import CURRENCIES
from schwung.collect.import_kind import KINDS, Kind
from schwung.collect.mapping import ColumnRule, FileMapping, Join, Whole
from schwung.core.errors import InputError
from schwung.core.period import zones
from schwung.core.text import Text


class Mistake(NamedTuple):
    """line: in the YAML, from 1. name: where, such as `columns.Price`."""

    line: int
    name: str
    reason: Text


_NAMES = frozenset({item.name for item in fields(FileMapping)}) - {"return_prefix", "negative_is_return", "return_amounts", "discount_percent", "shipping", "extras", "corrections"}  # fmt: skip
_ALLOWED = _NAMES | {"returns", "not_products", "discount"}
_TEXTS = ("source", "zone", "currency", "country", "format", "encoding", "delimiter", "sheet")


class _Reader:
    """Values by path, the line of each path, and the mistakes so far."""

    def __init__(self, text: str) -> None:
        self.mistakes: list[Mistake] = []
        self._lines: dict[str, int] = {}
        try:
            node = yaml.compose(text, yaml.SafeLoader)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            reason = Text("no YAML: {why}", "kein YAML: {why}").fill(why=getattr(error, "problem", error))
            self.mistakes.append(Mistake(mark.line + 1 if mark else 1, "", reason))
            node = None
        self.data: Any = self._value(node, "") if node is not None else {}
        if not isinstance(self.data, dict):
            self.wrong("", "a mapping has names with values", "eine Zuordnung besteht aus Namen und Werten")
            self.data = {}

    def _value(self, node: yaml.Node, path: str) -> Any:
        self._lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            found = {}
            for name_node, value_node in node.value:
                name = str(name_node.value)
                inner = f"{path}.{name}" if path else name
                self._lines[inner] = name_node.start_mark.line + 1
                if name in found:
                    self.wrong(inner, "stands there twice", "steht doppelt da")
                found[name] = self._value(value_node, inner)
            return found
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, f"{path}[{place}]") for place, item in enumerate(node.value)]
        if node.tag == "tag:yaml.org,2002:null":
            return None
        if node.tag == "tag:yaml.org,2002:bool":
            return str(node.value).lower() in ("true", "yes", "on")
        return str(node.value)

    def wrong(self, path: str, en: str, de: str, **values: object) -> None:
        self.mistakes.append(Mistake(self._lines.get(path, 1), path, Text(en, de).fill(**values)))

    def text(self, path: str, value: Any) -> str | None:
        if value is None or isinstance(value, str):
            return value
        self.wrong(path, "must be text", "muss Text sein")
        return None

    def flag(self, path: str, value: Any, otherwise: bool) -> bool:
        if value is None or isinstance(value, bool):
            return otherwise if value is None else value
        self.wrong(path, "must be true or false", "muss true oder false sein")
        return otherwise

    def texts(self, path: str, value: Any) -> tuple[str, ...]:
        if isinstance(value, str):
            return (value,)
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        self.wrong(path, "must be a list of texts", "muss eine Liste von Texten sein")
        return ()

    def pairs(self, path: str, value: Any) -> dict[str, Any]:
        if value is None:
            return {}
        if isinstance(value, dict):
            return value
        self.wrong(path, "must have names with values", "muss aus Namen und Werten bestehen")
        return {}


def read_mapping(text: str, default: FileMapping) -> FileMapping:
    """The mapping in `text`; what it leaves out is taken from `default`. InputError that lists every mistake."""
    mapping, mistakes = parse_mapping(text, default)
    if mistakes:
        listed = "; ".join(f"{one.line}: {one.name} {one.reason.en}".strip() for one in sorted(mistakes))
        gelistet = "; ".join(f"{one.line}: {one.name} {one.reason.de}".strip() for one in sorted(mistakes))
        raise InputError(
            "mapping_invalid",
            Text(
                "The mapping has mistakes, by line: {listed}.", "Die Zuordnung hat Fehler, nach Zeile: {listed}."
            ).fill(listed=Text(listed, gelistet)),
            Text("Correct them and start again.", "Berichtigen und erneut starten."),
        )
    return mapping


def parse_mapping(text: str, default: FileMapping) -> tuple[FileMapping, list[Mistake]]:
    """The mapping as far as it can be read, and the mistakes in it."""
    reader = _Reader(text)
    data = reader.data
    for name in data:
        if name not in _ALLOWED:
            reader.wrong(name, "is no rule of a mapping; known: {known}", "ist keine Regel einer Zuordnung; bekannt: {known}", known=", ".join(sorted(_ALLOWED)))  # fmt: skip
    kind_name = reader.text("kind", data.get("kind")) or default.kind
    kind = KINDS.get(kind_name)
    if kind is None:
        reader.wrong("kind", "must be one of {known}", "muss eines sein von {known}", known=", ".join(KINDS))
        return default, reader.mistakes
    found: dict[str, Any] = {"kind": kind_name}
    found |= {name: value for name in _TEXTS if (value := reader.text(name, data.get(name))) is not None}
    found["is_net"] = reader.flag("is_net", data.get("is_net"), default.is_net)
    _check_words(reader, found)
    if "columns" in data:
        found["columns"] = _columns(reader, kind, reader.pairs("columns", data["columns"]))
    found |= _maps(reader, kind, data) | _rules(reader, data)
    return replace(default, **found), reader.mistakes


def _check_words(reader: _Reader, found: Mapping[str, Any]) -> None:
    if "zone" in found and found["zone"] not in zones():
        reader.wrong(
            "zone", "is no time zone; an example is Europe/Berlin", "ist keine Zeitzone; ein Beispiel ist Europe/Berlin"
        )
    if "currency" in found and found["currency"] not in CURRENCIES:
        reader.wrong("currency", "is no currency; an example is EUR", "ist keine Währung; ein Beispiel ist EUR")
    if "country" in found and not re.fullmatch("[A-Z]{2}", found["country"]):
        reader.wrong("country", "must be two letters such as DE", "muss aus zwei Buchstaben bestehen, etwa DE")
    if "source" in found and not re.fullmatch(r"[\w.\-]{1,60}", found["source"]):
        reader.wrong("source", "may have letters, digits, _ . -", "darf aus Buchstaben, Ziffern, _ . - bestehen")


def _columns(reader: _Reader, kind: Kind, data: Mapping[str, Any]) -> dict[str, ColumnRule]:
    found: dict[str, ColumnRule] = {}
    taken: dict[str, str] = {}
    for column, value in data.items():
        path = f"columns.{column}"
        rule = _rule(reader, path, value)
        if rule is None:
            continue
        if kind.find(rule.field) is None:
            reader.wrong(path, "there is no field “{field}”; known: {known}", "ein Feld „{field}“ gibt es nicht; bekannt: {known}", field=rule.field, known=", ".join(item.name for item in kind.fields))  # fmt: skip
        elif rule.add and getattr(kind.find(rule.field), "type", None) != "number":
            reader.wrong(f"{path}.add", "only numbers can be added", "nur Zahlen lassen sich addieren")
        elif rule.field in taken:
            reader.wrong(path, "“{field}” is already taken from {other}", "„{field}“ kommt schon aus {other}", field=rule.field, other=taken[rule.field])  # fmt: skip
        else:
            taken[rule.field] = column
            found[column] = rule
    return found


def _rule(reader: _Reader, path: str, value: Any) -> ColumnRule | None:
    if value is None:
        return None
    if isinstance(value, str):
        return ColumnRule(value)
    if not isinstance(value, dict) or not isinstance(value.get("field"), str):
        reader.wrong(path, "must be a field, or have `field`", "muss ein Feld sein oder `field` haben")
        return None
    for name in value:
        if name not in ("field", "format", "decimal", "empty", "add"):
            reader.wrong(f"{path}.{name}", "is unknown here; known: field, format, decimal, empty, add", "ist hier unbekannt; bekannt: field, format, decimal, empty, add")  # fmt: skip
    decimal = value.get("decimal", ".")
    if decimal not in (".", ","):
        reader.wrong(f"{path}.decimal", 'must be "." or ","', 'muss "." oder "," sein')
        decimal = "."
    empty = reader.texts(f"{path}.empty", value.get("empty") or [])
    add = reader.texts(f"{path}.add", value.get("add") or [])
    return ColumnRule(value["field"], reader.text(f"{path}.format", value.get("format")), decimal, empty, add)


def _maps(reader: _Reader, kind: Kind, data: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "constants" in data:
        constants = reader.pairs("constants", data["constants"])
        for name in constants:
            if kind.find(name) is None:
                reader.wrong(f"constants.{name}", "is no field of {kind}", "ist kein Feld von {kind}", kind=kind.title)
        found["constants"] = {name: "true" if value is True else "false" if value is False else str(value) for name, value in constants.items() if value is not None}  # fmt: skip
    if data.get("extra"):
        if kind.extra is None:
            reader.wrong(
                "extra", "{kind} take no further columns", "{kind} nehmen keine weiteren Spalten auf", kind=kind.title
            )
        found["extra"] = {name: str(value) for name, value in reader.pairs("extra", data["extra"]).items() if value}
    return found


def _rules(reader: _Reader, data: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    returns = reader.pairs("returns", data.get("returns"))
    if "returns" in data:
        found["return_prefix"] = reader.text("returns.prefix", returns.get("prefix")) or None
        found["negative_is_return"] = reader.flag("returns.negative_quantity", returns.get("negative_quantity"), False)
    _only(reader, "returns", returns, ("prefix", "negative_quantity", "amounts"))
    if "amounts" in returns:
        if returns["amounts"] not in ("signed", "positive"):
            reader.wrong("returns.amounts", "must be signed or positive", "muss signed oder positive sein")
        else:
            found["return_amounts"] = returns["amounts"]
    others = reader.pairs("not_products", data.get("not_products"))
    _only(reader, "not_products", others, ("shipping", "extras", "corrections"))
    for name in ("shipping", "extras", "corrections"):
        if name in others:
            found[name] = reader.texts(f"not_products.{name}", others[name] or [])
    if "cancelled" in data:
        found["cancelled"] = reader.texts("cancelled", data["cancelled"] or [])
    if "orders" in data:
        found["orders"] = data["orders"]
        if data["orders"] not in get_args(Whole):
            reader.wrong("orders", "must be auto, whole or parts", "muss auto, whole oder parts sein")
            found["orders"] = "auto"
    if "discount" in data:
        if data["discount"] not in ("amount", "percent"):
            reader.wrong("discount", "must be amount or percent", "muss amount oder percent sein")
        found["discount_percent"] = data["discount"] == "percent"
    if "join" in data:
        found["join"] = _joins(reader, data["join"] or [])
    return found


def _only(reader: _Reader, path: str, data: Mapping[str, Any], known: tuple[str, ...]) -> None:
    for name in data:
        if name not in known:
            reader.wrong(f"{path}.{name}", "is unknown here; known: {known}", "ist hier unbekannt; bekannt: {known}", known=", ".join(known))  # fmt: skip


def _joins(reader: _Reader, data: Any) -> tuple[Join, ...]:
    found = []
    for place, item in enumerate(data if isinstance(data, list) else [data]):
        if isinstance(item, dict) and isinstance(item.get("file"), str) and isinstance(item.get("on"), str):
            found.append(Join(item["file"], item["on"]))
        else:
            reader.wrong(
                f"join[{place}]" if isinstance(data, list) else "join",
                "must have `file` and `on`",
                "muss `file` und `on` haben",
            )
    return tuple(found)
