"""Templates of the console: Jinja with our texts, filters and parts."""

from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babel.numbers import get_currency_symbol
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from schwung import __version__
from schwung.collect.touch import channel_title
from schwung.core.text import Language
from schwung.web.console import format as shown
from schwung.web.console import guard, marks
from schwung.web.console.area import GROUPS, areas
from schwung.web.console.compiled import compiled
from schwung.web.console.standing import work_state
from schwung.web.console.static import address_of, kit_is_built
from schwung.web.console.texts import say

if TYPE_CHECKING:
    from schwung.web.console.page import Page

FOLDER = Path(__file__).parent
_BY_LANGUAGE = (
    "integer",
    "decimal",
    "share",
    "points",
    "day",
    "day_in_words",
    "day_with_weekday",
    "short_day",
    "month",
    "duration",
)


def render(page: "Page", template: str, values: Mapping[str, Any]) -> str:
    """The HTML of a template for a request."""
    settings = page.workspace.settings.workspace
    area = template.split("/")[0]
    context = {
        "page": page,
        "t": partial(_say, area, page.language),
        "language": page.language,
        "theme": page.theme,
        "currency": settings.currency,
        "currency_symbol": get_currency_symbol(settings.currency, locale=page.language),
        "zone": settings.zone,
        "now": page.workspace.clock(),
        "shop": settings.name,
        "credit": settings.data_credit,
        "me": page.operator,
        "csrf": guard.csrf_token(page.request),
        "csrf_field": partial(_csrf_field, page),
        "version": __version__,
        "kit_is_built": kit_is_built(),
        **({"navigation": navigation(page)} if page.operator and not page.is_fragment else {}),
    }
    return environment().get_template(template).render({**context, **values})


def _say(area: str, language: Language, key: str, /, **values: Any) -> Markup:
    return say(area, key, language, **values)


def navigation(page: "Page") -> list[dict[str, Any]]:
    """Groups with the areas that exist and that the operator's role sees."""
    here = page.request.url.path
    groups = []
    for group in GROUPS:
        links = [
            {
                "title": say(area.name, "title", page.language),
                "path": area.path,
                "icon": area.icon,
                "current": here == area.path or (area.path != "/" and here.startswith(area.path + "/")),
                "waiting": area.waiting(page.workspace) if area.waiting else 0,
            }
            for area in areas()
            if area.group == group and page.me.may(area.role)
        ]
        if links:
            groups.append({"name": group, "links": links})
    return groups


@cache
def environment() -> Environment:
    loader = FileSystemLoader(FOLDER)
    env = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        bytecode_cache=compiled(FOLDER),
    )  # fmt: skip
    for name in _BY_LANGUAGE:
        env.filters[name] = _in_language(getattr(shown, name))
    env.filters.update(
        money=_money,
        amount=_amount,
        interval=_interval,
        ago=_ago,
        clock=_clock,
        local=_local,
        iso=shown.iso,
        text=_text,
        inner=_inner,
        opening=_opening,
        channel=_channel,
        prose=_prose,
    )
    for name in ("sparkline", "interval_mark", "share_bar", "change_bar"):
        env.globals[name] = getattr(marks, name)
    env.globals.update(
        initials=_initials,
        asset=address_of,
        work_state=work_state,
        period=_in_language(shown.period),
        unit_name=_in_language(shown.unit_name),
    )
    return env


def _in_language(function: Callable[..., str]) -> Callable[..., str]:
    @pass_context
    def filter_(context: Context, *values: Any, **options: Any) -> str:
        places = 2 if function in (shown.period, shown.unit_name) else 1
        return function(*values[:places], context["language"], *values[places:], **options)

    return filter_


@pass_context
def _channel(context: Context, name: str) -> str:
    return channel_title(name).in_(context["language"])


@pass_context
def _money(context: Context, minor: int | None, exact: bool = False, currency: str | None = None) -> str:
    return shown.money(minor, context["language"], currency or context["currency"], exact=exact)


@pass_context
def _amount(context: Context, major: float | None, exact: bool = False) -> str:
    return shown.amount(major, context["language"], context["currency"], exact=exact)


@pass_context
def _interval(context: Context, bounds: tuple[Any, Any], unit: str) -> str:
    return shown.interval(*bounds, context["language"], unit, context["currency"])


@pass_context
def _ago(context: Context, instant: int | None) -> str:
    return shown.ago(instant, context["now"], context["language"])


@pass_context
def _clock(context: Context, instant: int) -> str:
    return shown.clock(instant, context["language"], context["zone"])


@pass_context
def _local(context: Context, instant: int) -> Any:
    """The date and time of an instant in the workspace's zone."""
    return shown.local(instant, context["zone"])


@pass_context
def _text(context: Context, text: Any) -> str:
    """A Text in the page's language."""
    return text.in_(context["language"])


@pass_context
def _inner(context: Context, text: Any) -> str:
    """A Text within a sentence: English nouns are not capitalized there."""
    said: str = text.in_(context["language"])
    return said[:1].lower() + said[1:] if context["language"] == "en" else said


def _opening(text: str) -> str:
    """With a capital, as a head stands."""
    return text[:1].upper() + text[1:]


@pass_context
def _prose(context: Context, text: Any) -> Markup:
    """A Text whose `names` stand as code."""
    parts = text.in_(context["language"]).split("`")
    return Markup("").join(Markup("<code>{}</code>").format(part) if at % 2 else part for at, part in enumerate(parts))


def _initials(name: str) -> str:
    words = [word for word in name.replace("@", " ").split() if word[0].isalpha()]
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


def _csrf_field(page: "Page") -> Markup:
    return Markup('<input type="hidden" name="csrf" value="{}">').format(guard.csrf_token(page.request))
