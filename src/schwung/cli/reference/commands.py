"""docs/reference/commands.md: every command with its arguments and options."""

import inspect
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import typer

from schwung.cli import COMMANDS
from schwung.cli.reference import Pages, table

_HEAD = """# Commands

Every command takes `--help`. Exit codes: 0 all well, 1 done with rejects, 2 the input is wrong, 3 the set-up is wrong,
4 something outside failed. `--json` prints for machines.
"""


def pages() -> Pages:
    parts = [_HEAD]
    for name, (module, line) in COMMANDS.items():
        if find_spec(f"schwung.cli.{module}") is None:
            continue
        command: Any = typer.main.get_command(import_module(f"schwung.cli.{module}").app)
        members = getattr(command, "commands", {})
        found = members.get(name, command)
        parts.append(f"## schwung {name}\n\n{line}\n")
        if getattr(found, "commands", None):
            parts.extend(_section(f"schwung {name} {member}", one, "###") for member, one in found.commands.items())
        else:
            parts.append(_section(f"schwung {name}", found, ""))
    return {"reference/commands.md": "\n".join(parts)}


def _section(name: str, command: Any, level: str) -> str:
    told = inspect.cleandoc(command.help or "").replace("\b", "")
    rows = [_row(parameter) for parameter in command.params if parameter.name not in ("help",) and _is_ours(parameter)]
    title = f"{level} {name}\n\n" if level else ""
    return f"{title}{told}\n\n{table(('argument', 'default', 'meaning'), rows) if rows else ''}"


def _is_ours(parameter: Any) -> bool:
    return not {"--install-completion", "--show-completion"} & set(parameter.opts)


def _row(parameter: Any) -> tuple[str, str, str]:
    is_option = parameter.param_type_name == "option"
    name = (
        ", ".join(f"`{opt}`" for opt in (*parameter.opts, *parameter.secondary_opts))
        if is_option
        else f"`{(parameter.metavar or parameter.name).upper()}`"
    )
    shown = getattr(parameter, "show_default", None)
    default = parameter.default
    if isinstance(shown, str):
        told = shown
    elif parameter.required:
        told = "required"
    else:
        told = "" if default in (None, False, ()) or callable(default) else f"`{default}`"
    return name, told, getattr(parameter, "help", None) or ""
