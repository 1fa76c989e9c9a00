"""Tasks that journeys put on the lists of the team: looked at, done, opened again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from schwung.app import audit
from schwung.app.access import Operator, operators
from schwung.app.customer_json import when
from schwung.app.own_event import add_customer_events, strongest
from schwung.app.ports import Row, Transaction
from schwung.app.wiring import Workspace
from schwung.core.clock import Instant
from schwung.core.errors import InputError
from schwung.core.text import Text

TaskState = Literal["open", "done"]


@dataclass(frozen=True, slots=True)
class Task:
    """One task. customer_id: who the person is now; None: erased. owner: empty: anybody. journey: name of the one that made it."""

    task_no: int
    customer_id: int | None
    customer_name: str | None
    title: str
    note: str
    owner: str
    state: TaskState
    journey_no: int | None
    journey: str | None
    created_at: Instant
    due_at: Instant | None
    closed_at: Instant | None

    def is_late(self, now: Instant) -> bool:
        return self.state == "open" and self.due_at is not None and self.due_at < now

    def to_json(self) -> dict[str, Any]:
        told = {name: getattr(self, name) for name in self.__slots__}
        return told | {name: when(told[name]) for name in ("created_at", "due_at", "closed_at")}


def tasks(
    workspace: Workspace,
    state: TaskState = "open",
    *,
    owner: str = "",
    mine: Sequence[str] = (),
    most: int = 100,
    skip: int = 0,
) -> list[Task]:
    """Open ones by when they are due, done ones the newest first. owner: only this one's; empty: everybody's.

    mine: the names that one person goes by, instead of one owner.
    """
    names = [one.lower() for one in (mine or [owner]) if one]
    asked = {"state": state, "is_all": int(not names), "owners": names, "most": most, "skip": skip}
    with workspace.store.read() as tx:
        return [_task(row) for row in tx.rows("tasks.listed", **asked)]


def names_of(one: Operator) -> tuple[str, ...]:
    """By which journeys name an operator as the owner of a task."""
    return tuple(name for name in (one.email, one.name) if name)


def names_of_login(workspace: Workspace, login: str) -> tuple[str, ...]:
    """Those of the operators whose e-mail address begins with a login name of this machine, and that itself."""
    known = [one for one in operators(workspace) if (one.email or "").partition("@")[0].lower() == login.lower()]
    return (login, *(name for one in known for name in names_of(one)))


def owners(workspace: Workspace, state: TaskState = "open") -> dict[str, int]:
    """How many tasks each has; "": those of nobody in particular."""
    with workspace.store.read() as tx:
        return {row["owner"]: int(row["tasks"]) for row in tx.rows("tasks.owners", state=state)}


def open_count(workspace: Workspace) -> int:
    with workspace.store.read() as tx:
        return int(tx.value("tasks.open_count"))


def close_task(workspace: Workspace, number: int, actor: str) -> Task:
    """It is done; a second time changes nothing. InputError when there is none."""
    return _turn(workspace, number, actor, "close")


def reopen_task(workspace: Workspace, number: int, actor: str) -> Task:
    """It is to be done after all. InputError when there is none."""
    return _turn(workspace, number, actor, "reopen")


def _turn(workspace: Workspace, number: int, actor: str, statement: Literal["close", "reopen"]) -> Task:
    with workspace.store.write() as tx:
        now = workspace.clock()
        known = {"actor": actor, "now": now} if statement == "close" else {}
        changed = tx.run(f"tasks.{statement}", task_no=number, **known)
        found = _task(_row(tx, number))
        if changed:
            act = "task_done" if statement == "close" else "task_reopened"
            audit.add(tx, now, actor, act, found.customer_id, task_no=number)
            if statement == "close":
                _tell(tx, found, now)
        return found


def _tell(tx: Transaction, task: Task, now: Instant) -> None:
    """An event of the customer, in the same commit."""
    who = strongest([(row["kind"], row["value"]) for row in tx.rows("tasks.claims", task_no=task.task_no)])
    about = {
        "task_no": task.task_no,
        "title": task.title,
        "owner": task.owner,
        "journey": task.journey,
        "journey_no": task.journey_no,
    }
    told = msgspec.json.encode({name: value for name, value in about.items() if value})
    add_customer_events(tx, now, "task_done", [(f"task:{task.task_no}:done:{now}", who, told)])


def _row(tx: Transaction, number: int) -> Row:
    row = tx.row("tasks.one", task_no=number)
    if row is None:
        raise InputError(
            "task_unknown",
            Text("There is no task {number}.", "Eine Aufgabe {number} gibt es nicht.").fill(number=number),
            Text("See tasks with: schwung task list", "Aufgaben zeigt: schwung task list"),
        )
    return row


def _task(row: Row) -> Task:
    return Task(
        row["task_no"], row["customer_id"], row["full_name"], row["title"], row["note"], row["owner"], row["state"],
        row["journey_no"], row["journey"], row["created_at"], row["due_at"], row["closed_at"],
    )  # fmt: skip
