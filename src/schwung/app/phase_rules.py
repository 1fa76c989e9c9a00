"""The rules of the phases of a workspace: what holds, what was saved before, saving others, taking that back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from schwung.app import audit
from schwung.app.ports import Transaction
from schwung.app.wiring import Workspace
from schwung.core.clock import Instant
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.measure.phase import Rules, preset

STANDARD = "b2c_shop"
MOST_VERSIONS = 20


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """version_no 0: nobody saved any rules; the standard preset holds."""

    version_no: int
    rules: Rules
    created_by: str = ""
    created_at: Instant = 0

    def to_json(self) -> dict[str, Any]:
        return {"version": self.version_no, "created_by": self.created_by, **self.rules.to_json()}


def phase_rules(workspace: Workspace) -> RuleVersion:
    """The rules that hold."""
    with workspace.store.read() as tx:
        return _newest(tx)


def rule_versions(workspace: Workspace) -> list[RuleVersion]:
    """The last ones saved, newest first."""
    with workspace.store.read() as tx:
        return [_read(row) for row in tx.rows("phase_rules.all", most=MOST_VERSIONS)]


def save_phase_rules(workspace: Workspace, rules: Rules | Mapping[str, Any], *, actor: str) -> RuleVersion:
    """A new version; the one before stays at hand. The same rules again change nothing. InputError for wrong rules."""
    asked = rules if isinstance(rules, Rules) else Rules.read(rules)
    with workspace.store.write() as tx:
        before = _newest(tx)
        if asked == before.rules:
            return before
        return _add(workspace, tx, asked, actor, before.version_no)


def restore_phase_rules(workspace: Workspace, version_no: int, *, actor: str) -> RuleVersion:
    """An earlier version as the newest; 0: the standard preset. InputError when there is none with that number."""
    with workspace.store.write() as tx:
        row = tx.row("phase_rules.one", version_no=version_no) if version_no else None
        if version_no and row is None:
            raise InputError(
                "unknown_rules",
                Text("There is no version {no} of the rules.", "Eine Fassung {no} der Regeln gibt es nicht.").fill(no=version_no),
                Text("The lifecycle page lists them.", "Die Seite Lebenszyklus zeigt sie."),
            )  # fmt: skip
        rules = preset(STANDARD) if row is None else _read(row).rules
        before = _newest(tx)
        return before if rules == before.rules else _add(workspace, tx, rules, actor, before.version_no)


def read_rules_file(path: Path) -> dict[str, Any]:
    """Rules from a YAML or JSON file. InputError for what cannot be read."""
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(
            "phase_rules_unreadable",
            Text("{path} cannot be read: {why}.", "{path} ist nicht lesbar: {why}.").fill(path=path, why=str(error).splitlines()[0]),
            Text("Correct the file.", "Die Datei berichtigen."),
        ) from error  # fmt: skip
    return found if isinstance(found, dict) else {"rules": found}


def _add(workspace: Workspace, tx: Transaction, rules: Rules, actor: str, before: int) -> RuleVersion:
    now = workspace.clock()
    text = json.dumps(rules.to_json(), ensure_ascii=False, sort_keys=True)
    number = tx.value("phase_rules.add", definition=text, created_by=actor, now=now)
    audit.add(tx, now, actor, "phase_rules_changed", version=number, before=before)
    return RuleVersion(number, rules, actor, now)


def _newest(tx: Transaction) -> RuleVersion:
    row = tx.row("phase_rules.newest")
    return RuleVersion(0, preset(STANDARD)) if row is None else _read(row)


def _read(row: Mapping[str, Any]) -> RuleVersion:
    rules = Rules.read(json.loads(row["definition"]))
    return RuleVersion(row["version_no"], rules, row["created_by"], row["created_at"])
