"""Templates of a workspace: saved in versions, looked at before they may be sent, shown for a real customer."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schwung.act.channel import Rendered
from schwung.act.lint import OF_SETTINGS, lint
from schwung.act.lint.rule import Draft, Finding, read_page
from schwung.act.liquid import snippets_in
from schwung.act.template import Template, Variant
from schwung.act.template import read_template as read
from schwung.app import audit
from schwung.app.ports import Row, Transaction
from schwung.app.template_values import known_variables, read_people, values_for_preview, wanted_goods
from schwung.app.wiring import Workspace
from schwung.core.clock import Instant
from schwung.core.errors import InputError
from schwung.core.text import Language, Text
from schwung.renderers.email import Compiled


@dataclass(frozen=True, slots=True)
class SavedTemplate:
    """template: of the newest version, or of the one that was asked for."""

    template_no: int
    template: Template
    version: int
    saved_by: str
    changed_at: Instant

    @property
    def name(self) -> str:
        return self.template.name

    def to_json(self) -> dict[str, Any]:
        from schwung.app.customer_json import when

        known = {"template_no": self.template_no, "name": self.name, "version": self.version}
        return known | {"changed_at": when(self.changed_at), "definition": self.template.to_json()}


@dataclass(frozen=True, slots=True)
class Version:
    version: int
    saved_by: str
    saved_at: Instant


@dataclass(frozen=True, slots=True)
class Preview:
    """A template as one person would get it. rendered: None where it cannot be made, `wrong` says why."""

    customer_id: int | None
    language: Language
    rendered: Rendered | None
    wrong: Text | None
    findings: Sequence[Finding]

    def to_json(self) -> dict[str, Any]:
        made = self.rendered
        return {
            "customer_id": self.customer_id,
            "language": self.language,
            "subject": made.subject if made else None,
            "html": made.html if made else None,
            "text": made.text if made else None,
            "wrong": {"en": self.wrong.en, "de": self.wrong.de} if self.wrong else None,
            "findings": [one.to_json() for one in self.findings],
        }


def templates(workspace: Workspace) -> list[SavedTemplate]:
    """All, by name."""
    with workspace.store.read() as tx:
        return [_saved(row) for row in tx.rows("templates.all")]


def read_template(workspace: Workspace, name: str, version: int | None = None) -> SavedTemplate:
    """InputError when there is none."""
    with workspace.store.read() as tx:
        row = tx.row("templates.by_name", name=name)
        if row is not None and version is not None:
            written = tx.value("templates.version", template_no=row["template_no"], version=version)
            row = None if written is None else row | {"definition": written, "version": version}
    if row is None:
        raise InputError(
            "unknown_template",
            Text("There is no template “{name}”.", "Eine Vorlage „{name}“ gibt es nicht.").fill(name=name),
            Text("See templates with: schwung template list", "Vorlagen zeigt: schwung template list"),
        )
    return _saved(row)


def versions(workspace: Workspace, found: SavedTemplate) -> list[Version]:
    """Newest first."""
    with workspace.store.read() as tx:
        rows = tx.rows("templates.versions", template_no=found.template_no)
    return [Version(row["version"], row["saved_by"], row["saved_at"]) for row in rows]


def save_template(workspace: Workspace, name: str, definition: Any, *, actor: str) -> SavedTemplate:
    """A new template, or a new version of the one with this name; what is the same as before is left alone.

    InputError for what is wrong, and for an e-mail that must not be sent like that.
    """
    template = read(name, definition)
    refuse_errors(check(workspace, template))
    written, now = json.dumps(template.to_json(), ensure_ascii=False, sort_keys=True), workspace.clock()
    with workspace.store.write() as tx:
        row, ever = tx.row("templates.by_name", name=template.name), tx.row("templates.ever", name=template.name)
        if row is not None and row["definition"] == written:
            return _saved(row)
        if ever is None:
            number, version = tx.value("templates.add", name=template.name, channel=template.channel, now=now), 1
        else:
            number, version = ever["template_no"], ever["version"] + 1
            tx.run("templates.change", template_no=number, channel=template.channel, version=version, now=now)
        tx.run(
            "templates.add_version",
            template_no=number,
            version=version,
            definition=written,
            saved_by=actor,
            now=now,
        )
        audit.add(tx, now, actor, "template_saved", template=template.name, version=version)
    return SavedTemplate(int(number), template, version, actor, now)


def delete_template(workspace: Workspace, name: str, *, actor: str) -> SavedTemplate:
    """Takes it away. InputError while messages wait for it, or a journey or another template holds it."""
    from schwung.app.journeys import journeys

    found = read_template(workspace, name)
    holders = [one.name for one in templates(workspace) if found.name in snippets_of(one.template)]
    holders += [one.name for one in journeys(workspace) if found.name in one.journey.templates]
    now = workspace.clock()
    with workspace.store.write() as tx:
        waiting = tx.value("templates.waiting", name=found.name)
        if waiting or holders:
            raise InputError(
                "template_used",
                Text("“{name}” is in use: {users}.", "„{name}“ wird gebraucht: {users}.").fill(
                    name=found.name,
                    users=Text("{n} messages", "{n} Nachrichten").fill(n=waiting) if waiting else ", ".join(holders),
                ),
                Text("Cancel these or change them first.", "Diese zuerst absagen oder ändern."),
            )
        tx.run("templates.delete", template_no=found.template_no, now=now)
        audit.add(tx, now, actor, "template_deleted", template=found.name)
    return found


def check(workspace: Workspace, template: Template, others: Mapping[str, Template] | None = None) -> list[Finding]:
    """What is wrong with a template, language by language. others: templates that will be there too. InputError where it does not compile."""
    from schwung.app.template_compile import fillable, snippets

    if template.channel == "snippet":
        return []
    texts = snippets(workspace, others)
    known, found = set(known_variables(workspace, template)), []
    settings = workspace.settings.email
    variants = template.variants or {workspace.settings.workspace.language: Variant()}
    for language, variant in variants.items():
        made = fillable(workspace, template, language, texts)
        page = read_page(made.html if isinstance(made, Compiled) else "")
        found += lint(Draft(template, language, variant, page, made.names, known, settings.sender, settings.imprint))
    return found


def refuse_errors(findings: Sequence[Finding]) -> None:
    """InputError with the first sentence that forbids it. What the settings lack does not forbid to save."""
    wrong = [one for one in findings if one.is_error and one.rule != OF_SETTINGS]
    if wrong:
        raise InputError(
            "template_refused",
            Text("{language}: {why}", "{language}: {why}").fill(language=wrong[0].language, why=wrong[0].message),
            Text("Correct it; nothing was saved.", "Berichtigen; gespeichert wurde nichts."),
        )


def preview(
    workspace: Workspace,
    template: Template,
    *,
    customer_id: int | None = None,
    language: Language | None = None,
    variables: Mapping[str, Any] | None = None,
) -> Preview:
    """As a customer would get it: the named one, else the one with most orders, else nobody in particular.

    variables: what a journey would hand over; without them the examples of the template.
    """
    from schwung.app.template_compile import fillable, snippets

    with workspace.store.read() as tx:
        customer_id = customer_id or tx.value("templates.some_customer")
    shown = language or workspace.settings.workspace.language
    findings: list[Finding] = []
    made, wrong = None, None
    try:
        findings = check(workspace, template)
        people = read_people(workspace, [customer_id] if customer_id else [])
        fallback = workspace.settings.workspace.language
        shown, _ = template.variant(language or people.language(customer_id, fallback), fallback)
        body = fillable(workspace, template, shown, snippets(workspace))
        if blocks := wanted_goods(body.names):
            people = read_people(workspace, [customer_id] if customer_id else [], blocks)
        made = body.render(values_for_preview(workspace, template, people, customer_id, variables, shown))
    except InputError as error:
        wrong = error.message
    return Preview(customer_id, shown, made, wrong, tuple(findings))


def snippets_of(template: Template) -> set[str]:
    """Names of the snippets that stand in a template."""
    return {name for one in template.variants.values() for part in (one.body, one.text) for name in snippets_in(part)}


def stamp(tx: Transaction) -> tuple[int, ...]:
    """Equal as long as no template changed."""
    return tx.tuples("templates.stamp")[0]


def _saved(row: Row) -> SavedTemplate:
    template = read(row["name"], json.loads(row["definition"]))
    return SavedTemplate(row["template_no"], template, row["version"], row["saved_by"], row["changed_at"])
