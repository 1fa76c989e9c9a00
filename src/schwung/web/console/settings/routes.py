"""Settings: every one with what it means, changed in the workspace's file; exchange rates."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal, get_args, get_origin
from urllib.parse import urlsplit

from fastapi import Form, Request
from fastapi.responses import Response
from pydantic.fields import FieldInfo
from starlette.concurrency import run_in_threadpool

from schwung.app.facts import open_facts
from schwung.app.rates import rates as rates_of
from schwung.app.rates import remove_rate, set_rate, unconverted
from schwung.app.settings import SettingError, Settings, text_of
from schwung.app.settings_file import NEEDS_RESTART, save_settings, section_of, set_from_outside
from schwung.core.errors import InputError, SetupError
from schwung.core.period import day_of, zones
from schwung.core.text import Text
from schwung.web.console.area import Area
from schwung.web.console.page import Owner, Page
from schwung.web.console.shell import console_router

router = console_router()
AREA = Area("settings", path="/settings", group="data", icon="settings", role="owner", router=router)
_TITLES = {name: section_of(name).title for name in Settings.model_fields}  # type: ignore[attr-defined]
ZONES = sorted(name for name in zones() if "/" in name and not name.startswith("Etc/"))


@dataclass(frozen=True, slots=True)
class Field:
    """One setting as a form shows it. value: as it stands in the field. said: why that cannot be."""

    name: str
    text: Text
    kind: Literal["text", "number", "choice", "lines"]
    value: str
    choices: tuple[str, ...] = ()
    is_fixed: bool = False
    said: str = ""


@router.get("/settings")
def settings(page: Owner, section: str = "workspace") -> Response:
    return _show(page, section if section in Settings.model_fields else "workspace")


@router.get("/settings/rates")
def rates(page: Owner) -> Response:
    return _rates(page)


@router.get("/settings/rates/missing")
def missing_rates(page: Owner) -> Response:
    """What is left out of sums; asks the lake."""
    with open_facts(page.workspace) as facts:
        missing = unconverted(facts)
    titles = {name: table.title for name, table in page.workspace.lake.tables.items()}
    return page.render("settings/missing.html", missing=missing, table_titles=titles)


@router.post("/settings/rates/set")
def enter_rate(
    page: Owner,
    currency: Annotated[str, Form(max_length=10)] = "",
    rate: Annotated[str, Form(max_length=30)] = "",
    since: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    given = {"currency": currency, "rate": rate, "since": since}
    try:
        day = date.fromisoformat(since)
        entered = set_rate(page.workspace, currency, _with_point(rate), day, actor=page.actor)
    except InputError as error:
        return _rates(page, said=page.sentence(error), **given)
    except ValueError:
        return _rates(page, said=str(page.text("rate_day_wrong")), **given)
    return page.go("/settings/rates", toast=page.text("rate_set", currency=entered.currency))


@router.post("/settings/rates/remove")
def take_rate(page: Owner, currency: Annotated[str, Form()], since: Annotated[date, Form()]) -> Response:
    removed = remove_rate(page.workspace, currency, since, actor=page.actor)
    said = page.text("rate_removed" if removed else "rate_gone", currency=currency)
    return page.go("/settings/rates", toast=said, bad=not removed)


@router.post("/settings/{section}")
async def save(page: Owner, request: Request, section: str) -> Response:
    if section not in Settings.model_fields:
        return page.go("/settings")
    form = {name: str(value).strip() for name, value in (await request.form()).items()}
    before = getattr(page.workspace.settings, section)
    try:
        values = {
            name: _read(field, _with_password(form[name], written))
            for name, field in section_of(section).model_fields.items()
            if name in form
            and form[name] not in (written := _written(getattr(before, name)), _hidden(name, written))
            and not set_from_outside(section, name)
        }
        await run_in_threadpool(save_settings, page.workspace, section, values, page.actor)
    except SettingError as error:
        where, _, name = error.name.partition(".")
        if where != section:
            return await run_in_threadpool(_show, page, section, said=page.sentence(error), given=form)
        wrong = {name.partition(".")[0]: error.why.in_(page.language)}
        return await run_in_threadpool(_show, page, section, wrong=wrong, given=form)
    except SetupError as error:
        return await run_in_threadpool(_show, page, section, said=page.sentence(error), given=form)
    return page.go(
        f"/settings?section={section}", toast=page.text("saved_restart" if section in NEEDS_RESTART else "saved")
    )


def _rates(page: Page, *, said: str = "", currency: str = "", rate: str = "", since: str = "") -> Response:
    with page.workspace.store.read() as tx:
        known = rates_of(tx)
    today = day_of(page.workspace.clock(), page.workspace.settings.workspace.zone)
    given = {"currency": currency, "rate": rate, "since": since or today.isoformat()}
    return page.render(
        "settings/rates.html",
        status=400 if said else 200,
        rates=known,
        said=said,
        given=given,
        section="rates",
        titles=_TITLES,
        reporting=page.workspace.settings.workspace.currency,
        shown_rate=lambda rate: f"{rate:f}".replace(".", "," if page.language == "de" else "."),
    )


def _show(
    page: Page,
    section: str,
    *,
    said: str = "",
    wrong: Mapping[str, str] | None = None,
    given: dict[str, str] | None = None,
) -> Response:
    current = getattr(page.workspace.settings, section)
    wrong = wrong or {}
    fields = [
        _field(section, name, field, (given or {}).get(name, _written(getattr(current, name))), wrong.get(name, ""))
        for name, field in section_of(section).model_fields.items()
    ]
    return page.render(
        "settings/settings.html",
        status=400 if said or wrong else 200,
        section=section,
        titles=_TITLES,
        fields=fields,
        zones=ZONES if section == "workspace" else (),
        said=said,
        restart=section in NEEDS_RESTART,
    )


def _field(section: str, name: str, field: FieldInfo, value: str, said: str) -> Field:
    kind = _kind(field)
    choices = get_args(kind) if get_origin(kind) is Literal else ()
    shape: Literal["text", "number", "choice", "lines"] = "choice" if choices else "text"
    if kind is int:
        shape = "number"
    elif get_origin(kind) in (tuple, dict):
        shape = "lines"
    fixed = set_from_outside(section, name)
    shown = value and (_hidden(name, value) or value)
    return Field(name, text_of(field), shape, shown, tuple(map(str, choices)), fixed, said)


def _hidden(name: str, value: str) -> str | None:
    """What stands in the place of a secret, also of one within an address; sent back it changes nothing."""
    if name == "password":
        return "•" * 8
    password = _password_in(value)
    return value.replace(f":{password}@", ":…@") if password else None


def _password_in(address: str) -> str | None:
    with suppress(ValueError):
        return urlsplit(address).password if "://" in address else None
    return None


def _with_password(address: str, before: str) -> str:
    """Who changed the rest of an address keeps the password that the page did not show."""
    return address.replace(":…@", f":{_password_in(before)}@") if _password_in(before) else address


def _written(value: Any) -> str:
    """A value as a form shows it: lists one a line, tables as `name = number`."""
    if value is None:
        return ""
    if isinstance(value, dict):
        return "\n".join(f"{name} = {number}" for name, number in value.items())
    return "\n".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _read(field: FieldInfo, text: str) -> Any:
    """The value that a filled field means; what is no number stays text, and is refused with its reason."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if get_origin(field.annotation) is dict:
        pairs = [line.partition("=") for line in lines]
        return {name.strip(): _whole(number) for name, _, number in pairs}
    if get_origin(field.annotation) is tuple:
        return lines
    kind = _kind(field)
    if kind is not field.annotation and not text:
        return None
    return _whole(text) if kind is int else _fraction(text) if kind is float else text


def _kind(field: FieldInfo) -> Any:
    """The type of a value; of what may be left empty, that of a given one."""
    given = [kind for kind in get_args(field.annotation) if kind is not type(None)]
    return given[0] if type(None) in get_args(field.annotation) else field.annotation


def _fraction(text: str) -> float | str:
    with suppress(ValueError):
        return float(_with_point(text))
    return text


def _whole(text: str) -> int | str:
    return int(text) if re.fullmatch(r"\s*-?[0-9]{1,18}\s*", text) else text.strip()


def _with_point(number: str) -> str:
    """A decimal comma is as good as a point; a sign between thousands is not read."""
    return number.strip().replace(",", ".")
