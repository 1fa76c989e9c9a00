"""schwung import: files in, facts out."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from schwung.cli.output import HERE, JsonOption, WorkspaceOption, language, print_json, print_table
from schwung.core.text import Text

if TYPE_CHECKING:
    from schwung.app.import_looks import DryRun, Inspection
    from schwung.app.imports import Told
    from schwung.app.wiring import Workspace
    from schwung.collect.mapping import FileMapping

app = typer.Typer()

_TEXTS = {
    "done": Text(
        "{name}: {read} rows read, {imported} imported, {known_already} known already, {updated} updated, {rejected} rejected.",
        "{name}: {read} Zeilen gelesen, {imported} neu, {known_already} schon bekannt, {updated} geändert, {rejected} abgelehnt.",
    ),
    "waiting": Text("{waiting} of them wait for their orders.", "{waiting} davon warten auf ihre Bestellungen."),
    "rejects": Text(
        "Rejected rows with their reasons: {rejects_file}", "Abgelehnte Zeilen mit Gründen: {rejects_file}"
    ),
    "written": Text(
        "Not all columns are certain. Correct {path} and start again with --mapping {path}",
        "Nicht alle Spalten sind sicher. {path} berichtigen und mit --mapping {path} erneut starten.",
    ),
    "open": Text("Open: {names}", "Offen: {names}"),
    "kept": Text("The mapping is kept in {path}.", "Die Zuordnung liegt in {path}."),
    "which": Text("Which column is “{title}”?", "Welche Spalte ist „{title}“?"),
    "none": Text("none", "keine"),
    "start": Text("Import with this mapping?", "Mit dieser Zuordnung einlesen?"),
    "reading": Text("Reading {name}", "{name} wird gelesen"),
    "writing": Text("Writing {name}", "{name} wird eingetragen"),
    "column": Text("In the file", "In der Datei"),
    "samples": Text("Samples", "Beispiele"),
    "field": Text("Becomes", "Wird zu"),
    "how": Text("Reading", "Lesart"),
}


def _say(name: str, /, **values: Any) -> str:
    return _TEXTS[name].fill(**values).in_(language())


@app.command("import")
def import_files(
    files: Annotated[list[Path], typer.Argument(help="CSV, Parquet, JSON lines or Excel files.")],
    kind: Annotated[
        str | None,
        typer.Option(
            help="What the files hold: orders, order_lines, customers, products, events, spend, answers, messages, cases, subscriptions, leads, points."
        ),
    ] = None,
    mapping: Annotated[Path | None, typer.Option(help="Mapping of columns to fields (YAML).", dir_okay=False)] = None,
    source: Annotated[
        str | None, typer.Option(help="Name of the shop or system that the files come from.", show_default="import")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen, store nothing.")] = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Import orders, order lines, customers, products, events or spend from files.

    A row that was imported before is not counted twice; a changed one replaces the earlier. Stopped runs go on when the
    same command is given again. Exit code 0: all well, 1: some rows were rejected, 2: the file or the mapping, 3: the set-up.
    """
    from schwung.app.wiring import open_workspace

    opened = open_workspace(workspace)
    try:
        results = []
        for file in files:
            chosen = _mapping(opened, file, kind, mapping, source, asks=sys.stdin.isatty() and not json)
            results.append(_dry(opened, file, chosen, json) if dry_run else _import(opened, file, chosen, json))
    finally:
        opened.store.close()
    if json:
        print_json(_sum(results))
    if any(result["rejected"] for result in results):
        raise typer.Exit(1)


def _mapping(
    workspace: "Workspace", file: Path, kind: str | None, path: Path | None, source: str | None, *, asks: bool
) -> "FileMapping":
    """The mapping named, or the one kept beside the file, or a guessed one; asked for where a person can answer."""
    from schwung.app.import_looks import inspect
    from schwung.app.import_mapping import SOURCE, load_mapping
    from schwung.collect.mapping import to_yaml
    from schwung.connectors import connector_for

    connector_for(file)
    kept = file.with_name(file.name + ".mapping.yaml")
    path = path or (kept if kept.exists() else None)
    if path is not None:
        found = load_mapping(workspace, path, kind)
        return replace(found, source=source) if source else found
    if kind is None:
        raise typer.BadParameter(
            "name it: orders, order_lines, customers, products, events or spend", param_hint="--kind"
        )
    looked = inspect(workspace, file, kind, source=source or SOURCE)
    if asks:
        found = _ask(looked)
        kept.write_text(to_yaml(found), encoding="utf-8")
        typer.echo(_say("kept", path=kept))
        return found
    if looked.proposal.is_certain:
        return looked.proposal.mapping
    notes = {guess.column: guess.reading for guess in looked.proposal.guesses if guess.reading}
    kept.write_text(to_yaml(looked.proposal.mapping, notes), encoding="utf-8")
    typer.echo(_say("open", names=_open_names(looked, kind)), err=True)
    typer.echo(_say("written", path=kept), err=True)
    raise typer.Exit(2)


def _open_names(looked: "Inspection", kind: str) -> str:
    from schwung.collect.import_kind import KINDS

    spoken = language()
    fields = [field.title.in_(spoken) for name in looked.proposal.missing if (field := KINDS[kind].find(name))]
    return "; ".join([*fields, *(question.title.in_(spoken) for question in looked.proposal.questions)])


def _ask(looked: "Inspection") -> "FileMapping":
    """Show the guess; ask for what is not certain, and for the open questions."""
    from schwung.collect.import_kind import KINDS
    from schwung.collect.mapping import ColumnRule

    spoken, proposal = language(), looked.proposal
    found = proposal.mapping
    kind = KINDS[found.kind]
    rows = []
    for guess in proposal.guesses:
        field = kind.find(guess.rule.field) if guess.rule else None
        rows.append(
            (
                guess.column,
                ", ".join(guess.samples)[:40],
                field.title.in_(spoken) if field else None,
                guess.reading and guess.reading.in_(spoken),
            )
        )
    print_table([_say(name) for name in ("column", "samples", "field", "how")], rows)
    for name in proposal.missing:
        field = kind.find(name)
        if field is None:
            continue
        choices = [*looked.layout.columns, _say("none")]
        for place, column in enumerate(choices, 1):
            typer.echo(f"  {place:>2}  {column}")
        place = _number(_say("which", title=field.title.in_(spoken)), len(choices))
        if place < len(choices):
            columns = {column: rule for column, rule in found.columns.items() if rule.field != name}
            found = replace(found, columns={**columns, choices[place - 1]: ColumnRule(name)})
    for question in proposal.questions:
        typer.echo(question.title.in_(spoken))
        for place, answer in enumerate(question.answers, 1):
            typer.echo(f"  {place:>2}  {answer.title.in_(spoken)}")
        place = _number("1", len(question.answers), 1)
        answered = question.answers[place - 1].mapping
        found = replace(found, columns=answered.columns, discount_percent=answered.discount_percent)
    typer.confirm(_say("start"), default=True, abort=True)
    return found


def _number(asked: str, most: int, default: int | None = None) -> int:
    """A number from 1 to `most`; asks until there is one."""
    place = 0
    while not 1 <= place <= most:
        place = typer.prompt(asked, type=int, default=default)
    return place


def _import(workspace: "Workspace", file: Path, mapping: "FileMapping", json: bool) -> dict[str, Any]:
    from schwung.app.imports import import_file

    if json:
        return import_file(workspace, file, mapping)
    with bar(file.name) as told:
        result = import_file(workspace, file, mapping, told)
    typer.echo(_say("done", name=file.name, **result))
    if result["waiting"]:
        typer.echo(_say("waiting", **result))
    if result["rejects_file"]:
        typer.echo(_say("rejects", **result))
    return result


@contextmanager
def bar(name: str) -> Iterator["Told"]:
    """A progress bar for an import of that name."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(_say("reading", name=name), total=None)

        def told(state: str, done: int, total: int, rejected: int) -> None:
            progress.update(task, description=_say(state, name=name), completed=done, total=total or None)

        yield told


def _dry(workspace: "Workspace", file: Path, mapping: "FileMapping", json: bool) -> dict[str, Any]:
    from schwung.app.import_looks import dry_run
    from schwung.cli.import_totals import HEADS, told

    found = dry_run(workspace, file, mapping)
    result = _dry_data(found)
    if not json:
        heads = [one.in_(language()) for one in HEADS]
        print_table(heads, told(workspace, result, language()), right=heads[1:], as_named=True)
        if found.groups:
            print_table(["column", "reason", "rows"], found.groups, right=["rows"])
    return result


def _dry_data(found: "DryRun") -> dict[str, Any]:
    counts = found.counts
    return {
        "read": found.rows,
        "imported": counts.imported if counts else None,
        "known_already": counts.known if counts else None,
        "updated": counts.updated if counts else None,
        "rejected": found.rejected,
        "rejects_file": None,
        **found.totals,
        "customers": found.customers,
        "new_customers": found.new_customers,
        "dry_run": True,
    }


def _sum(results: list[dict[str, Any]]) -> dict[str, Any]:
    if len(results) == 1:
        return results[0]
    summed = ("read", "imported", "known_already", "updated", "rejected")
    total: dict[str, Any] = {name: sum(result[name] or 0 for result in results) for name in summed}
    named = [result["rejects_file"] for result in results if result["rejects_file"]]
    return {**total, "rejects_file": named[0] if named else None, "files": results}
