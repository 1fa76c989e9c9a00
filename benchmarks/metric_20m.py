"""A metric by month over twenty million events, beside SQL written by hand over the same snapshot with the same identity join."""

import time
from collections.abc import Callable

from benchmarks.console_pages import filled
from benchmarks.figure import Figure
from schwung.app.facts import Facts, open_facts
from schwung.app.report import ask, question_of
from schwung.app.wiring import open_workspace
from schwung.measure.metrics import METRICS

_MONTH = "strftime(timezone('{zone}', to_timestamp({column} / 1000000.0)), '%Y-%m')"
# Orders that no later version replaces, as the reader of the lake takes them.
_CURRENT = """
SELECT {columns} FROM {base} AS kept ANTI JOIN {tail} AS newer USING ({key})
UNION ALL
SELECT {columns} FROM {tail} QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY version DESC) = 1
"""
_REPEAT = """
SELECT month, count(*) FILTER (WHERE orders > 1) / count(*) AS value FROM (
  SELECT {month} AS month, customer_id, count(*) AS orders
  FROM ({orders}) JOIN ({identities}) USING (identifier_id)
  WHERE NOT is_cancelled AND ordered_at <= {as_of} GROUP BY ALL)
GROUP BY month ORDER BY month
"""
_REVENUE = """
SELECT month, sum(amount) / 100 AS value FROM (
  SELECT {month} AS month, sum(amount_minor) AS amount FROM ({orders})
  WHERE NOT is_cancelled AND ordered_at <= {as_of} AND currency = '{currency}' GROUP BY ALL
  UNION ALL
  SELECT {returned}, -sum(amount_minor) FROM ({returns})
  WHERE is_product AND returned_at <= {as_of} AND currency = '{currency}'
    AND (order_key IS NULL OR order_key NOT IN (SELECT order_key FROM ({orders}) WHERE is_cancelled)) GROUP BY ALL)
GROUP BY month ORDER BY month
"""


def run(repeats: int, scale: str) -> list[Figure]:
    """Medians of both, taken by turns; the first turn warms the file cache and does not count."""
    workspace = open_workspace(filled(scale))
    figures = []
    try:
        with open_facts(workspace, "duckdb") as facts:
            events = int(facts.run(facts.table("events").count().as_table())[0][0].as_py())
            for name, sql in (("revenue", _REVENUE), ("repeat_purchase_rate", _REPEAT)):
                figures.append(_by_month(facts, name, written(facts, sql), repeats, events))
    finally:
        workspace.store.close()
    return figures


def _by_month(facts: Facts, name: str, sql: str, repeats: int, events: int) -> Figure:
    question = question_of(facts, ("month",), None, None)

    def by_us() -> dict[str, float | None]:
        return {row.cuts["month"]: row.estimate.value for row in ask(facts, METRICS[name], question).rows}

    note = f"{events:,} events, {len(by_us())} months"
    return beside(facts, f"{name} by month, DuckDB", by_us, sql, repeats, note)


def beside(
    facts: Facts, what: str, by_us: Callable[[], dict[str, float | None]], sql: str, repeats: int, note: str
) -> Figure:
    """Our answer and that of SQL written by hand, by turns; both must be equal."""

    def by_hand() -> dict[str, float | None]:
        return dict(facts.engine.backend.con.cursor().execute(sql).fetchall())  # type: ignore[attr-defined]

    ours, theirs = by_us(), by_hand()
    assert all(abs((ours[key] or 0) - float(value or 0)) < 1e-6 for key, value in theirs.items()), "equal numbers"
    runs: list[float] = []
    peers: list[float] = []
    for _ in range(repeats):
        runs.append(_seconds(by_us))
        peers.append(_seconds(by_hand))
    return Figure(what, "s", runs, "lower", None, "SQL written by hand, same identity join", peers, 1.3, note)


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def written(facts: Facts, sql: str, **further: object) -> str:
    """SQL with the tables of the snapshot in the place of {orders}, {returns}, {identities}."""
    return sql.format(
        orders=_current(facts, "orders", "order_key", "order_key, identifier_id, ordered_at, amount_minor, currency, is_cancelled"),
        returns=_current(facts, "returns", "return_key, line_key", "order_key, returned_at, amount_minor, currency, is_product"),
        identities=_current(facts, "identities", "identifier_id", "identifier_id, customer_id"),
        month=_MONTH.format(zone=facts.zone, column="ordered_at"),
        returned=_MONTH.format(zone=facts.zone, column="returned_at"),
        as_of=facts.as_of,
        currency=facts.currency,
        zone=facts.zone,
        **further,
    )  # fmt: skip


def _current(facts: Facts, name: str, key: str, columns: str) -> str:
    files = facts.listed[name]
    base, tail = (f"read_parquet({list(paths)!r})" for paths in (files.base, files.tail))
    if not files.tail:
        return f"SELECT {columns} FROM {base}"
    if not files.base:
        return f"SELECT {columns} FROM {tail} QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY version DESC) = 1"
    return _CURRENT.format(columns=columns, base=base, tail=tail, key=key)
