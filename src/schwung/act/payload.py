"""What a webhook carries: fields whose texts are filled one by one, so that no value can change their structure."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from liquid.template import BoundTemplate

from schwung.act.channel import Rendered
from schwung.act.liquid import fill, names_in, parse, template_wrong
from schwung.act.template import Template, leaves_of
from schwung.core.errors import InputError
from schwung.core.text import Text

_AS_JSON = re.compile(r"\s*\{\{[^{}]*\|\s*json\s*\}\}\s*")


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A text with variables. is_json: it is nothing but one value, which keeps its kind (number, list …)."""

    template: BoundTemplate
    is_json: bool


_Tree: TypeAlias = Any


@dataclass(frozen=True, slots=True)
class Payload:
    tree: _Tree
    version: int
    names: tuple[tuple[str, ...], ...]

    def render(self, values: Mapping[str, Any]) -> Rendered:
        """InputError where a value is missing."""
        made = json.dumps(_filled(self.tree, values), ensure_ascii=False)
        return Rendered("", "", made, language=str(values.get("language", "")), template_version=self.version)


def compile_payload(template: Template, version: int = 0) -> Payload:
    """InputError that names the field at fault."""
    names: set[tuple[str, ...]] = set()
    for path, leaf in leaves_of(template.payload):
        if isinstance(leaf, str):
            try:
                names |= set(names_in(parse(leaf)))
            except InputError as error:
                raise template_wrong(Text(error.message.en, error.message.de), ".".join(("payload", *path))) from error
    return Payload(_compiled(template.payload), version, tuple(sorted(names)))


def _compiled(value: Any) -> _Tree:
    if isinstance(value, Mapping):
        return {str(key): _compiled(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_compiled(inner) for inner in value]
    return _Leaf(parse(value), bool(_AS_JSON.fullmatch(value))) if isinstance(value, str) else value


def _filled(tree: _Tree, values: Mapping[str, Any]) -> Any:
    if isinstance(tree, dict):
        return {key: _filled(inner, values) for key, inner in tree.items()}
    if isinstance(tree, list):
        return [_filled(inner, values) for inner in tree]
    if not isinstance(tree, _Leaf):
        return tree
    text = fill(tree.template, values)
    return json.loads(text) if tree.is_json else text
