"""The rules of findings as a workspace has them: on or off, each with its threshold."""

from dataclasses import dataclass

from schwung.app import audit
from schwung.app.wiring import Workspace
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.measure.diagnosis.rule import Rule
from schwung.measure.diagnosis.rules import BY_NAME, RULES


@dataclass(frozen=True, slots=True)
class SetRule:
    """is_own: somebody set it; else it stands as delivered."""

    rule: Rule
    is_on: bool
    threshold: float
    is_own: bool = False


def finding_rules(workspace: Workspace) -> list[SetRule]:
    """All rules in their order."""
    with workspace.store.read() as tx:
        own = {row["rule_name"]: row for row in tx.rows("findings.rules")}
    return [
        SetRule(rule, bool(own[rule.name]["is_on"]), own[rule.name]["threshold"], True)
        if rule.name in own
        else SetRule(rule, True, rule.threshold.default)
        for rule in RULES
    ]


def set_finding_rule(workspace: Workspace, name: str, *, is_on: bool, threshold: float, actor: str) -> SetRule:
    """InputError for an unknown rule, or a threshold outside its bounds."""
    rule = BY_NAME.get(name)
    if rule is None:
        raise InputError(
            "unknown_rule",
            Text("There is no rule named “{name}”.", "Eine Regel „{name}“ gibt es nicht.").fill(name=name[:80]),
            Text("Known: {names}.", "Bekannt: {names}.").fill(names=", ".join(BY_NAME)),
        )
    bounds = rule.threshold
    if not bounds.low <= threshold <= bounds.high:
        raise InputError(
            "threshold_outside",
            Text("The threshold lies outside {low} to {high}.", "Die Schwelle liegt nicht zwischen {low} und {high}.").fill(
                low=bounds.low, high=bounds.high
            ),
            Text("Enter a number between them.", "Eine Zahl dazwischen eintragen."),
        )  # fmt: skip
    now = workspace.clock()
    with workspace.store.write() as tx:
        tx.run("findings.set_rule", rule_name=name, is_on=int(is_on), threshold=threshold, changed_by=actor, now=now)
        audit.add(tx, now, actor, "finding_rule_changed", rule=name)
    return SetRule(rule, is_on, threshold, True)
