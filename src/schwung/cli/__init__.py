"""The command line. Each command group is one file; it is read only when it is called, so that --help is quick."""

import atexit
import gc
import os
import sys
from contextlib import suppress
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from schwung.cli.output import language

# One line per command: name → (module in this folder, one line of help).
COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("workspace", "Create a workspace: a folder with settings, store and lake."),
    "serve": ("serve", "Serve console and intake, and start the worker."),
    "worker": ("serve", "Run the worker alone: unify, mirror, refresh, compact."),
    "import": ("imports", "Import orders, customers, products, events or spend from files."),
    "measure": ("measure", "Compute a metric, by month, channel, country and more."),
    "flywheel": ("flywheel", "Show speed, weight and friction of the flywheel, with the money behind them."),
    "retention-chain": ("flywheel", "Show how satisfaction, loyalty, retention and success are linked."),
    "lifecycle": ("lifecycle", "Show customers by kind and phase, and who moved where."),
    "acquisition": ("lifecycle", "Follow new people from first contact to first order."),
    "diagnose": ("diagnose", "Show findings: what is wrong, what it costs, what to do."),
    "journey-map": ("journey_map", "Show the journey map: phases, contacts, waits, feeling, losses."),
    "report": ("report", "Write the monthly report as a PDF, in German or English."),
    "board": ("board", "Put metrics side by side with targets, and see where they stand."),
    "alert": ("alert", "Raise an alert where a metric goes beyond a bound."),
    "annotation": ("annotation", "Note what happened on a day; charts show it."),
    "audit": ("audit", "Audit the customer base in five views that add up."),
    "potential": ("potential", "Show the customer potential: value, frontier, portfolio, priorities."),
    "bought-together": ("together", "List products that stand in the same orders."),
    "cohorts": ("audit", "Show how many of each month's new customers come again."),
    "funnel": ("funnel", "Count customers per step of a funnel, from a YAML file."),
    "paths": ("paths", "List the most frequent sequences of events."),
    "visits": ("paths", "Count visits by channel."),
    "budget": ("budget", "Split money and hours over acquisition and retention so that they bring most."),
    "attribute": ("attribute", "Credit orders to the channels or campaigns touched before them."),
    "models": ("models", "List the models, when they were trained and how that went."),
    "train": ("models", "Fit models and publish what they predict."),
    "predict": ("models", "Say what a model predicts for every customer."),
    "forecast": ("forecast", "Forecast new customers, orders and revenue, with intervals."),
    "backtest": ("models", "Judge a model on what came after, beside a naive rule."),
    "journey": ("journey", "Save, start and stop journeys; say why a customer got something or not."),
    "task": ("task", "List the tasks that journeys gave the team, and mark them as done."),
    "segment": ("segment", "Save rules by which customers enter and leave by themselves."),
    "consent": ("consent", "Say what may be sent to whom; wordings, double opt-in, proof."),
    "messages": ("messages", "See what is planned, sent, failed or not known; stop sending."),
    "template": ("template", "See the words of messages, try them on a customer, send a test."),
    "experiment": ("experiment", "Show what an action really brought, beside a group that got nothing."),
    "playbook": ("playbook", "Take over a journey that is ready: leads, cart, welcome, win-back."),
    "plan": ("definitions", "Show what the definitions of a folder would change."),
    "apply": ("definitions", "Make the workspace what the definitions of a folder say."),
    "list": ("lists", "Save customers as lists, show and rename them."),
    "personas": ("personas", "Show groups of customers who buy alike."),
    "customers": ("customers", "List, show, merge and unmerge customers."),
    "query": ("measure", "Run read-only SQL over the lake."),
    "rate": ("rate", "Enter and list exchange rates."),
    "key": ("key", "Create, list, rotate and revoke keys of sources and readers."),
    "operator": ("operator", "Create and list the people who work in the console."),
    "doctor": ("doctor", "Check the workspace, explain what is wrong, repair what is safe."),
    "simulate": ("simulate", "Fill a workspace with the simulated coffee shop “Kaffeehaus”."),
    "export": ("person", "Export everything about a person (Art. 15 GDPR)."),
    "forget": ("person", "Erase a person (Art. 17 GDPR)."),
    "retain": ("person", "Apply the retention periods; a dry run unless told otherwise."),
    "quarantine": ("quarantine", "List and replay events that did not fit."),
    "demo": ("demo", "Create and serve the demo shop (Online Retail II)."),
    "docs": ("docs", "Write the reference pages that are generated from the registries."),
}


class _LazyGroup(TyperGroup):
    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"schwung.cli.{COMMANDS[cmd_name][0]}")
        module.app._add_completion = False  # the options that install completion are no help within a command
        command = typer.main.get_command(module.app)
        # A file with several commands is a group of its own; its members are told apart by name.
        found = getattr(command, "commands", {}).get(cmd_name, command)
        spoken = language()
        if spoken == "de" or "schwung.cli.german" in sys.modules:
            from schwung.cli.german import speak

            speak(spoken, found, cmd_name)
        return found

    def format_help(self, ctx: Any, formatter: Any) -> None:
        if language() == "de":
            from schwung.cli.german import write_help

            return write_help(ctx, formatter)
        return super().format_help(ctx, formatter)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_text) for name, (_, help_text) in COMMANDS.items()])


app = typer.Typer(
    cls=_LazyGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="schwung: the whole customer relationship in one system.",
)


@app.callback()
def _root() -> None:
    """A group even while it has one command."""


def main() -> None:
    """What the console script runs; the process ends with it.

    Modules and compiled statements live long: the collector looks at what is young less often, which saves a tenth.
    """
    from schwung.cli.output import run

    gc.set_threshold(50_000)
    codes: list[object] = []
    atexit.register(_end, codes)  # the first to be registered is the last to be called
    try:
        run(app)
    except SystemExit as left:
        codes.append(left.code)
        raise


def _end(codes: list[object]) -> None:
    """All is done: end at once. To take thousands of modules apart would cost a third of a second."""
    with suppress(Exception):  # where its output cannot be written, Python says so
        sys.stdout.flush()
        sys.stderr.flush()
        if codes and isinstance(codes[0], int):
            os._exit(codes[0])
