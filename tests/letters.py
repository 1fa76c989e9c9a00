"""Templates for journeys that are only to run."""

from collections.abc import Iterable

from schwung.app.templates import save_template, templates
from schwung.app.wiring import Workspace

_BODY = '<mj-section><mj-column><mj-text>Hello {{ company.imprint }} <a href="{{ unsubscribe_url }}">away</a></mj-text></mj-column></mj-section>'


def write_letters(workspace: Workspace, names: Iterable[str], purpose: str = "advertising") -> None:
    known = {one.name for one in templates(workspace)}
    for name in names:
        if name not in known:
            words = {"subject": "Hello", "body": _BODY}
            save_template(workspace, name, {"channel": "email", "purpose": purpose, "en": words}, actor="test")
