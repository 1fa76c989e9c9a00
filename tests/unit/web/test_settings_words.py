"""Every setting, and every choice of one, has its words on the settings page."""

from typing import Literal, get_args, get_origin

from schwung.app.settings import Settings
from schwung.web.console.texts import texts

_NAMES_ITSELF = {"en", "de", "duckdb", "spark"}


def test_every_setting_has_its_words() -> None:
    known, missing = texts("settings"), []
    for section, field in Settings.model_fields.items():
        kind = field.annotation
        assert kind is not None
        missing += [f"section_{section}"] if f"section_{section}" not in known else []
        for name, one in kind.model_fields.items():
            missing += [f"setting.{section}.{name}"] if f"setting.{section}.{name}" not in known else []
            choices = get_args(one.annotation) if get_origin(one.annotation) is Literal else ()
            missing += [
                f"choice.{choice}"
                for choice in choices
                if choice not in _NAMES_ITSELF and f"choice.{choice}" not in known
            ]
    assert not missing
