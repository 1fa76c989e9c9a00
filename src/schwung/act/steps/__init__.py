"""The kinds of steps of a journey, one file each. A new one: its file, and its line here."""

from schwung.act.step import StepKind
from schwung.core.registry import Registry
from schwung.core.text import Text

STEPS: Registry[StepKind] = Registry(
    Text("step", "Schritt"),
    package=__name__,
    attribute="STEP",
    modules=(
        "send",
        "wait",
        "wait_until",
        "wait_for",
        "branch",
        "split",
        "set_trait",
        "webhook",
        "task",
        "journey",
        "loop",
        "exit",
    ),
)
