"""docs/reference/tables.md: the fact tables of the lake."""

from schwung.app.wiring import TABLES
from schwung.cli.reference import Pages, table
from schwung.collect.table import Table

_HEAD = """# Tables of the lake

Facts as open Delta tables. `shop.table(name)` and `schwung query` show them up to *as of*, at the newest published state,
with `customer_id` beside `identifier_id`, and with instants (`…_at`, int64 microseconds in the files) as UTC timestamps.
Amounts are integers in the minor unit of `currency`. *Personal* columns never appear in Delta statistics, and an erasure
empties them or deletes the row.
"""


def pages() -> Pages:
    return {"reference/tables.md": _HEAD + "\n" + "\n".join(_section(one) for one in TABLES.values())}


def _section(declared: Table) -> str:
    rows = [
        (
            f"`{column.name}`",
            column.type,
            ", ".join(
                mark
                for mark, holds in (
                    ("key", column.name in declared.key),
                    ("required", column.required),
                    ("personal", column.personal),
                )
                if holds
            ),
            column.text.en,
            column.text.de,
        )
        for column in declared.columns
    ]
    kind = "A later version of a key replaces an earlier one." if declared.key else "Rows never change."
    title = f"## {declared.name}\n\n{declared.title.en} · {declared.title.de}. {kind}\n\n"
    return title + table(("column", "type", "", "English", "Deutsch"), rows)
