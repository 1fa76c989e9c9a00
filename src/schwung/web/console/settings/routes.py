"""Settings: every one with what it means, changed in the workspace's file."""

from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import Response
from pydantic.fields import FieldInfo

from schwung.app.settings import Settings, text_of
from schwung.app.settings_file import NEEDS_RESTART, change_settings, section_of, set_from_outside
from schwung.core.errors import SetupError
from schwung.core.text import Text
from schwung.web.console.area import Area
from schwung.web.console.page import Owner, Page
from schwung.web.console.shell import console_router

router = console_router()
AREA = Area("settings", path="/settings", group="data", icon="settings", role="owner", router=router)


@dataclass(frozen=True, slots=True)
class Field:
    """One setting as a form shows it. kind: text, number, choice, lines. value: as it stands in the field."""

    name: str
    text: Text
    kind: Literal["text", "number", "choice", "lines"]
    value: str
    choices: tuple[str, ...] = ()
    is_fixed: bool = False


@router.get("/settings")
def settings(page: Owner, section: str = "workspace") -> Response:
    return _show(page, section if section in Settings.model_fields else "workspace")


@router.post("/settings/{section}")
async def save(page: Owner, request: Request, section: str) -> Response:
    if section not in Settings.model_fields:
        return page.go("/settings")
    form = {name: str(value).strip() for name, value in (await request.form()).items()}
    before = getattr(page.workspace.settings, section)
    try:
        values = {
            name: _read(field, form[name])
            for name, field in section_of(section).model_fields.items()
            if name in form and form[name] != _written(getattr(before, name)) and not set_from_outside(section, name)
        }
        change_settings(page.workspace.folder, section, values)
    except ValueError as error:
        return _show(page, section, said=str(page.text("not_readable", what=str(error))), given=form)
    except SetupError as error:
        return _show(page, section, said=page.sentence(error), given=form)
    return page.go(
        f"/settings?section={section}", toast=page.text("saved_restart" if section in NEEDS_RESTART else "saved")
    )


def _show(page: Page, section: str, *, said: str = "", given: dict[str, str] | None = None) -> Response:
    current = getattr(page.workspace.settings, section)
    fields = [
        _field(section, name, field, (given or {}).get(name, _written(getattr(current, name))))
        for name, field in section_of(section).model_fields.items()
    ]
    titles = {name: section_of(name).title for name in Settings.model_fields}  # type: ignore[attr-defined]
    return page.render(
        "settings/settings.html",
        status=400 if said else 200,
        section=section,
        titles=titles,
        fields=fields,
        said=said,
        restart=section in NEEDS_RESTART,
    )


def _field(section: str, name: str, field: FieldInfo, value: str) -> Field:
    kind = field.annotation
    choices = get_args(kind) if get_origin(kind) is Literal else ()
    shape: Literal["text", "number", "choice", "lines"] = "choice" if choices else "text"
    if kind is int:
        shape = "number"
    elif get_origin(kind) in (tuple, dict):
        shape = "lines"
    fixed = set_from_outside(section, name)
    shown = _without_password(value) if name == "url" else value
    return Field(name, text_of(field), shape, shown, tuple(map(str, choices)), fixed)


def _written(value: Any) -> str:
    """A value as a form shows it: lists one a line, tables as `name = number`."""
    if isinstance(value, dict):
        return "\n".join(f"{name} = {number}" for name, number in value.items())
    return "\n".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _read(field: FieldInfo, text: str) -> Any:
    """ValueError for what is no number where one is due."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if get_origin(field.annotation) is dict:
        pairs = [line.partition("=") for line in lines]
        return {name.strip(): int(number) for name, _, number in pairs}
    if get_origin(field.annotation) is tuple:
        return lines
    return int(text) if field.annotation is int else text


def _without_password(url: str) -> str:
    """The store's address as a page may show it; sent back unchanged it would not fit, so such a field is fixed."""
    password = urlsplit(url).password
    return url.replace(f":{password}@", ":…@") if password else url
