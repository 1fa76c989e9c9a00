"""What the company says about worth, and whether a trained model counts customer value in the same way."""

from dataclasses import replace

from schwung.app.facts import Facts
from schwung.app.model_versions import holding
from schwung.measure.predicted import MODEL
from schwung.measure.valuation import Valuation

_KEY = "valuation"


def valuation_of(facts: Facts) -> Valuation:
    """By the settings of now; `is_predicted` where the version that holds at the snapshot was trained with the same."""
    told = facts.workspace.settings.value.valuation
    key = (_KEY, repr(told))
    if key not in facts.remembered:
        with facts.workspace.store.read() as tx:
            version = holding(tx, MODEL, facts.snapshot_no)
        trained = version.trained if version is not None and version.asked.until is None else None
        same = trained is not None and trained.state.get("valuation") == repr(told)
        facts.remembered[key] = replace(told, is_predicted=same)
    found: Valuation = facts.remembered[key]
    return found
