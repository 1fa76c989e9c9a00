"""Run all benchmarks, or the named ones, print ratios to their peers, write RESULTS.md at full scale: python -m benchmarks [--scale small] [NAME …]."""

import argparse
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from benchmarks.figure import Figure

# One line per benchmark: a module of this package with run(repeats, scale) -> list[Figure].
BENCHMARKS = (
    "startup",
    "memory",
    "intake",
    "pipeline",
    "freshness",
    "imports",
    "metric_20m",
    "funnel_20m",
    "cohort_matrix",
    "segments",
    "journeys",
    "planned",
    "by_time",
    "home_cold",
    "console_pages",
    "simulation",
    "attribution",
    "deliver",
    "experiment_coverage",
    "playbook_lift",
    "clv_fit",
    "clv_hard",
    "clv_coverage",
    "clv_pipeline",
    "forecast_coverage",
    "next_product",
)
RESULTS = Path(__file__).with_name("RESULTS.md")
RESULTS_HEAD = """# Results of the benchmarks

Each section names the command that made it. A peer was measured in the same run: trust ratios more than single values. Figures are medians of the repeats that the command names; one repeat is a single run."""
HEAD = "| what | median | unit | low – high | bar | peer | ratio | bar of ratio | verdict | note |\n|---|---:|---|---|---:|---|---:|---:|---|---|"


def show(number: float | None) -> str:
    if number is None:
        return "–"
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"


def row(figure: Figure) -> str:
    verdict = {True: "met", False: "MISSED", None: "reported"}[figure.passes]
    span = f"{show(min(figure.runs))} – {show(max(figure.runs))}"
    sign = "≥ " if figure.better == "higher" else "≤ "
    bars = [sign + show(bar) if bar is not None else "–" for bar in (figure.bar, figure.ratio_bar)]
    cells = (
        figure.what,
        show(figure.median),
        figure.unit,
        span,
        bars[0],
        figure.peer or "–",
        show(figure.ratio),
        bars[1],
    )
    return "| " + " | ".join((*cells, verdict, figure.note or "–")) + " |"


def machine() -> str:
    """Processor, cores, memory, Python, revision: what a reader needs to judge the figures."""
    import os

    facts = Path("/proc/meminfo").read_text().splitlines()[0].split()[1] if Path("/proc/meminfo").exists() else "0"
    model = (
        next(
            (
                line.split(":")[1].strip()
                for line in Path("/proc/cpuinfo").read_text().splitlines()
                if line.startswith("model name")
            ),
            platform.processor(),
        )
        if Path("/proc/cpuinfo").exists()
        else platform.processor()
    )
    revision = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (
        f"{model}, {cores} cores, {int(facts) / 2**20:.0f} GiB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, revision {revision or 'unknown'}"
    )


def run_one(name: str, repeats: int, scale: str) -> tuple[list[Figure], str]:
    """Figures of one benchmark, or the reason why there are none."""
    if find_spec(f"benchmarks.{name}") is None:
        return [], "no such benchmark"
    try:
        return import_module(f"benchmarks.{name}").run(repeats, scale), ""
    except Exception as error:
        return [], f"{type(error).__name__}: {error}"


def sections() -> dict[str, str]:
    """What RESULTS.md holds, by name of the benchmark."""
    text = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else ""
    parts = [part.partition("\n") for part in text.split("\n## ")[1:]]
    return {name: body.strip() for name, _, body in parts}


def write_results(measured: dict[str, str]) -> None:
    """Put new sections in the place of old ones; the others stay as they were measured."""
    known = sections() | measured
    listed = [f"## {name}\n\n{known[name]}" for name in BENCHMARKS if name in known]
    RESULTS.write_text("\n\n".join([RESULTS_HEAD, *listed]) + "\n", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", default=BENCHMARKS, help="benchmarks to run (default: all)")
    parser.add_argument("--repeats", type=int, default=5, help="runs of each figure; the median counts")
    parser.add_argument("--scale", choices=("full", "small"), default="full", help="small: the same code in seconds")
    options = parser.parse_args()
    failed = 0
    for name in options.names:
        print(f"{name} …", flush=True)
        figures, why_not = run_one(name, options.repeats, options.scale)
        failed += bool(why_not) + sum(figure.passes is False for figure in figures)
        found = "\n".join([HEAD, *map(row, figures)]) if figures else f"Not measured: {why_not}"
        print(found, flush=True)
        command = f"`python -m benchmarks {name} --repeats {options.repeats}`"
        if options.scale == "full" and figures:
            write_results({name: f"{command}, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {machine()}.\n\n{found}"})
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
