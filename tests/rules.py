"""Findings of one rule: the others are switched off, and so not worked out."""

from schwung.app.finding_rules import set_finding_rule
from schwung.app.wiring import Workspace
from schwung.measure.diagnosis.rules import RULES


def only(workspace: Workspace, name: str, threshold: float) -> None:
    for rule in RULES:
        is_asked = rule.name == name
        limit = threshold if is_asked else rule.threshold.default
        set_finding_rule(workspace, rule.name, is_on=is_asked, threshold=limit, actor="test")
