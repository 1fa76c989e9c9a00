"""schwung audit and schwung cohorts: how the customers of the base differ, change and grow older."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from schwung.cli.measure import engine_named, print_result
from schwung.cli.output import HERE, JsonOption, WorkspaceOption, language, print_json, print_table

if TYPE_CHECKING:
    from schwung.core.text import Language
    from schwung.measure.audit.views import Age, Audit, BasePeriod

app = typer.Typer()
_Since = Annotated[str | None, typer.Option(help="First day, such as 2026-01-01.")]
_Until = Annotated[str | None, typer.Option(help="Last day; it counts.")]
_Engine = Annotated[str | None, typer.Option(help="duckdb or spark.", show_default="as set")]


@app.command("audit")
def audit(
    since: _Since = None,
    until: _Until = None,
    cohort: Annotated[str | None, typer.Option(help="Cohort of view 3, such as 2026-03 or 2026-Q1.")] = None,
    engine: _Engine = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Audit the customer base in five views that add up to the same revenue.

    Without dates: the last whole year, quarter or month that has a whole one before it.
    Example: schwung audit --since 2026-07-01 --until 2026-09-30
    """
    from schwung.app.analyses.audit import audit as compute
    from schwung.app.wiring import open_workspace

    found = compute(
        open_workspace(workspace), since=since, until=until, cohort=cohort, engine=engine_named(engine)
    )  # fmt: skip
    if json:
        print_json(found.to_json())
    else:
        _print(found, language())


@app.command("cohorts")
def cohorts(
    since: _Since = None,
    until: _Until = None,
    engine: _Engine = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Show which share of each month's new customers ordered again one, two, three … months later.

    Example: schwung cohorts --since 2026-01-01
    """
    from schwung.app.report import measure
    from schwung.app.wiring import open_workspace

    found = measure(
        open_workspace(workspace), "cohort_retention", since=since, until=until, engine=engine_named(engine)
    )
    if json:
        print_json(found.to_json())
    else:
        print_result(found)


def _print(found: "Audit", spoken: "Language") -> None:
    from schwung.measure.audit.views import VIEWS

    german = spoken == "de"
    for view, (english, deutsch, rows) in _tables(found, _Shown(found.currency, spoken)).items():
        heads = (deutsch if german else english).split(", ")
        title, listed = f"{view}. {VIEWS[view].in_(spoken)}", list(rows)
        if listed:
            print_table(heads, listed, title=title, right=heads[1:], as_named=True)
        else:
            typer.echo(title)
        for sentence in found.sentences[view]:
            typer.echo(sentence.in_(spoken))
        typer.echo()
    typer.echo("* Zeitraum noch nicht vorbei." if german else "* period not over yet.")


@dataclass(frozen=True, slots=True)
class _Shown:
    """Numbers as the reader writes them; money comes in minor units."""

    currency: str
    spoken: "Language"

    def money(self, minor: float | None) -> str:
        from schwung.core.money import exponent_of
        from schwung.renderers.numbers import number

        major = None if minor is None else minor / 10 ** exponent_of(self.currency)
        return number(major, self.currency, self.spoken)

    def count(self, value: float | None) -> str:
        from schwung.renderers.numbers import number

        return number(value, "count", self.spoken)

    def share(self, value: float | None) -> str:
        from schwung.renderers.numbers import number

        return number(value, "share", self.spoken)

    def name(self, one: "Age | BasePeriod") -> str:
        label = str(one.age) if hasattr(one, "age") else one.name
        return f"{label} *" if one.so_far else label


def _tables(found: "Audit", as_: _Shown) -> dict[int, tuple[str, str, list[tuple[str, ...]]]]:
    """By view: English heads, German heads, rows."""
    money, count, share = as_.money, as_.count, as_.share
    two, cohort = found.two, found.cohort
    return {
        1: (
            "tenth, customers, orders, revenue, share, cumulated",
            "Zehntel, Kunden, Bestellungen, Umsatz, Anteil, kumuliert",
            [(x.name, count(x.customers), count(x.orders), money(x.minor), share(x.share), share(x.cumulated)) for x in found.one.deciles],
        ),
        2: (
            "move, customers, before, now, change",
            "Bewegung, Kunden, davor, jetzt, Änderung",
            [(x.title.in_(as_.spoken), count(x.customers), money(x.minor_before), money(x.minor), money(x.change_minor)) for x in (two.moves if two else ())],
        ),
        3: (
            "age, active, share, revenue, each so far",
            "Alter, aktiv, Anteil, Umsatz, je Kunde bisher",
            [(as_.name(x), count(x.active), share(x.active_share), money(x.minor), money(x.cumulated)) for x in (cohort.ages if cohort else ())],
        ),
        4: (
            "cohort, customers, first order, each so far, revenue",
            "Kohorte, Kunden, erste Bestellung, je Kunde bisher, Umsatz",
            [(x.name, count(x.size), money(x.first_minor / x.size), money(x.ages[-1].cumulated), money(x.minor)) for x in found.cohorts],
        ),
        5: (
            "period, active, of them new, revenue, from new, from guests",
            "Zeitraum, aktiv, davon neu, Umsatz, von Neuen, von Gästen",
            [(as_.name(x), count(x.active), count(x.new), money(x.minor), money(x.new_minor), money(x.guests_minor)) for x in found.base],
        ),
    }  # fmt: skip
