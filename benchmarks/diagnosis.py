"""Findings about changes on seeded stable shop-months (at most 5 of 100 show any) and on planted effects (at least 80 of
100 found within 28 days).

In pieces: `python -m benchmarks.diagnosis --first 0 --count 20 --out found.jsonl`; run again with another --first, it appends.
`--sum found.jsonl` adds up.
"""

import argparse
import json
import resource
from collections.abc import Callable
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from benchmarks.planted import PLANTS, Small, planted, shop
from schwung.measure.diagnosis.diagnose import judged_changes
from schwung.measure.scope import Scope

CUSTOMERS = 20_000


def changes_of(small: Small) -> set[str]:
    """Names of the rules that speak of a change."""
    connection = ibis.duckdb.connect(threads=2)
    try:
        known = {name: connection.create_table(name, rows) for name, rows in small.tables.items()}

        def table(name: str, customer: bool) -> ir.Table:
            rows = known[name]
            return rows if customer or "customer_id" not in rows.columns else rows.drop("customer_id")

        def read(build: Callable[[Scope], ir.Table]) -> pa.Table:
            return connection.to_pyarrow(build(Scope(small.question, table)))

        found, _looked = judged_changes(small.period, read, {})
        return {f"{rule.name}:{change.slice}" if change.slice else rule.name for rule, change in found}
    finally:
        connection.disconnect()


def measured(seed: int, customers: int = CUSTOMERS) -> dict[str, object]:
    """One shop-month as it is, and once with an effect planted."""
    small = shop(seed, customers)
    name = list(PLANTS)[seed % len(PLANTS)]
    plant, rules = PLANTS[name]
    after = changes_of(planted(small, plant, seed))
    return {
        "seed": seed,
        "stable": sorted(changes_of(small)),
        "plant": name,
        "after": sorted(after),
        "found": any(one.split(":")[0] in rules for one in after),
    }


def summed(path: Path) -> None:
    rows = {row["seed"]: row for row in map(json.loads, path.read_text().splitlines())}.values()
    false = [row for row in rows if row["stable"]]
    found = [row for row in rows if row["found"]]
    print(f"stable shop-months: {len(rows)}, with any change finding: {len(false)}")
    print(f"planted effects: {len(rows)}, found: {len(found)}")
    for name in PLANTS:
        own = [row for row in rows if row["plant"] == name]
        print(f"  {sum(row['found'] for row in own)} of {len(own)}: {name}")
    for row in false:
        print("  false alarm:", row["seed"], row["stable"])


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--first", type=int, default=0)
    given.add_argument("--count", type=int, default=100)
    given.add_argument("--customers", type=int, default=CUSTOMERS)
    given.add_argument("--out", type=Path, default=Path("diagnosis.jsonl"))
    given.add_argument("--sum", type=Path)
    asked = given.parse_args()
    if asked.sum:
        return summed(asked.sum)
    with asked.out.open("a") as file:
        for seed in range(asked.first, asked.first + asked.count):
            row = measured(seed, asked.customers)
            file.write(json.dumps(row) + "\n")
            file.flush()
            print(row, f"{resource.getrusage(resource.RUSAGE_SELF).ru_utime:.0f} s", flush=True)
    return summed(asked.out)


if __name__ == "__main__":
    main()
