"""Help and complaints of the command line in German; the texts stand in german.toml, the English ones in the commands."""

import inspect
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from schwung.core.text import Language


@cache
def texts() -> Mapping[str, Any]:
    """lines: of the list of commands; commands: by their path; options: by their English; frame; said."""
    return tomllib.loads(Path(__file__).with_name("german.toml").read_text(encoding="utf-8"))


def speak(language: Language, command: Any, path: str) -> None:
    """The command says everything in this language; English stands in it already."""
    frame(language)
    if language == "de":
        translate(command, path)


def write_help(ctx: Any, formatter: Any) -> None:
    """The help of schwung itself: all commands with a line each."""
    frame = texts()["frame"]
    formatter.write_usage(ctx.command_path, "[OPTIONEN] BEFEHL [ARGUMENTE]...", prefix=f"{frame['USAGE']} ")
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_text(texts()["commands"]["schwung"])
    with formatter.section(frame["OPTIONS_PANEL_TITLE"]):
        formatter.write_dl([("--help", texts()["options"]["Show this message and exit."])])
    with formatter.section(frame["COMMANDS_PANEL_TITLE"]):
        formatter.write_dl(list(texts()["lines"].items()))


def translate(command: Any, path: str) -> None:
    """A command, its options, and the commands below it: what --help says of them from now on is German."""
    english = inspect.cleandoc(command.help or "")
    command.help = "\n".join([texts()["commands"].get(path, english), *examples_of(english)])
    params, usage = command.get_params, command.get_usage
    command.get_params = lambda ctx: [_translated(one) for one in params(ctx)]
    command.get_usage = lambda ctx: _usage(usage(ctx))
    for name, member in getattr(command, "commands", {}).items():
        translate(member, f"{path} {name}")


def examples_of(english: str) -> list[str]:
    """The lines that show how a command is called; they need their own paragraph where nothing else follows the first."""
    found = [line.replace("Example:", "Beispiel:") for line in english.splitlines() if line.startswith("Example:")]
    paragraphs = [part for part in english.split("\n\n") if not part.startswith("Example:")]
    return ["", *found] if found and len(paragraphs) == 1 else found


def frame(language: Language) -> None:
    """What stands around the texts: titles of panels, what is required, the default."""
    from typer import rich_utils

    for name, german in texts()["frame"].items():
        if hasattr(rich_utils, name):
            known = _english().setdefault(name, getattr(rich_utils, name))
            setattr(rich_utils, name, german if language == "de" else known)


def explain(error: Any) -> str:
    """What is wrong with a call, how the command is called, and where its help is."""
    context = getattr(error, "ctx", None)
    around = texts()["frame"]
    said = f"{around['ERRORS_PANEL_TITLE']}: {complaint(error.format_message())}"
    if context is None:
        return said
    usage = _usage(context.get_usage())
    return f"{usage}\n{around['HELP'].format(path=context.command_path)}\n\n{said}"


def complaint(english: str) -> str:
    """What the command line says of a call that it does not understand."""
    for one in texts()["said"]:
        found = re.fullmatch(one["en"], english.strip(), re.S)
        if found:
            return str(one["de"]).format(*(part.strip() for part in found.groups("")))
    return english


@cache
def _english() -> dict[str, str]:
    return {}


def _translated(parameter: Any) -> Any:
    known = texts()["options"]
    for name in ("help", "show_default"):
        said = getattr(parameter, name, None)
        if isinstance(said, str):
            setattr(parameter, name, known.get(said, said))
    return parameter


def _usage(english: str) -> str:
    return (
        english.replace("Usage:", texts()["frame"]["USAGE"], 1)
        .replace("[OPTIONS]", "[OPTIONEN]")
        .replace("COMMAND [ARGS]", "BEFEHL [ARGUMENTE]")
    )
