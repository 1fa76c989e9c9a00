"""The cohort matrix of 24 months, beside SQL written by hand over the same snapshot with the same identity join."""

from datetime import date

from benchmarks.console_pages import filled
from benchmarks.figure import Figure
from benchmarks.metric_20m import beside, written
from schwung.app.facts import Facts, open_facts
from schwung.app.report import ask, question_of
from schwung.app.wiring import open_workspace
from schwung.core.period import day_of
from schwung.measure.metrics import METRICS

_MONTHS = 24
_MATRIX = """
WITH months AS (
  SELECT DISTINCT customer_id, date_trunc('month', timezone('{zone}', to_timestamp(ordered_at / 1000000.0))) AS month
  FROM ({orders}) JOIN ({identities}) USING (identifier_id)
  WHERE NOT is_cancelled AND ordered_at <= {as_of} AND customer_id IS NOT NULL),
cohorts AS (SELECT customer_id, min(month) AS cohort FROM months GROUP BY ALL),
cells AS (
  SELECT cohort, date_diff('month', cohort, month) AS age, count(*) AS came
  FROM months JOIN cohorts USING (customer_id) WHERE cohort >= DATE '{since}' GROUP BY ALL)
SELECT strftime(cohort, '%Y-%m') || ' ' || age, came / max(came) FILTER (WHERE age = 0) OVER (PARTITION BY cohort)
FROM cells
"""


def run(repeats: int, scale: str) -> list[Figure]:
    """Medians of both, taken by turns; the first turn warms the file cache and does not count."""
    workspace = open_workspace(filled(scale))
    try:
        with open_facts(workspace, "duckdb") as facts:
            return [_beside(facts, repeats)]
    finally:
        workspace.store.close()


def _beside(facts: Facts, repeats: int) -> Figure:
    today = day_of(facts.as_of, facts.zone)
    month = today.year * 12 + today.month - _MONTHS
    since = date(month // 12, month % 12 + 1, 1)
    question = question_of(facts, (), since, None)

    def by_us() -> dict[str, float | None]:
        rows = ask(facts, METRICS["cohort_retention"], question).rows
        return {f"{row.cuts['cohort']} {row.cuts['age']}": row.estimate.value for row in rows}

    note = f"{len({name[:7] for name in by_us()})} cohorts"
    return beside(facts, "cohort matrix, DuckDB", by_us, written(facts, _MATRIX, since=since), repeats, note)
