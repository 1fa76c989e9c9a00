"""Who meets an experiment, and in which group: drawn once by a lot that never changes, or told by another system.

A record belongs to the identifier by which the customer was known at the first meeting. A merge that joins two groups
leaves both records as they are: the first one says what the person gets, and the analysis leaves the person out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from schwung.act.experiment.design import CONTROL, TREATED, Design, Share, design_wrong, holdout
from schwung.app import audit
from schwung.app.experiments import Experiment, Kind, add, named, read_rows
from schwung.app.list_sources import look_up
from schwung.app.lists import read_list
from schwung.app.ports import Transaction
from schwung.app.wiring import Workspace
from schwung.core.clock import Instant
from schwung.core.errors import InputError
from schwung.core.period import day_of, first_day_of
from schwung.core.text import Text

_SLICE = 20_000
_SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Entered:
    """new: people who had no group. unknown, ambiguous: lines that name nobody, or more than one customer."""

    new: int
    asked: int
    unknown: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()


def expose(tx: Transaction, experiment_no: int, customer_ids: Sequence[int], now: Instant, *, held_no: int = 0) -> int:
    """A group for each customer who has none yet, by lot; how many got one. Twice is once.

    held_no: an experiment whose control stays out (0: none).
    """
    return tx.run(
        "experiments.expose", experiment_no=experiment_no, customer_ids=list(customer_ids), now=now, held_no=held_no,
        control=CONTROL,
    )  # fmt: skip


def arms(tx: Transaction, experiment_no: int, customer_ids: Sequence[int]) -> dict[int, str]:
    """The group of each customer who has one; of somebody with several records that of the first."""
    rows = tx.tuples("experiments.arms", experiment_no=experiment_no, customer_ids=list(customer_ids))
    return dict(rows)


def of_journey(
    workspace: Workspace, tx: Transaction, journey: str, share: float, customer_ids: Sequence[int], now: Instant, *,
    is_advertising: bool,
) -> dict[int, str]:  # fmt: skip
    """Customers enter a journey: `control` or `treated` for each. share: of the control; 0: all are treated.

    Who is held back from all advertising is control too, and in no analysis of the journey: only in that of the whole.
    """
    global_no = global_holdout(workspace, tx, now) if is_advertising else None
    if global_no is not None:
        expose(tx, global_no, customer_ids, now)
    found = dict.fromkeys(customer_ids, TREATED)
    if share > 0:
        number = opened(tx, "journey", journey, holdout(share), now)
        expose(tx, number, customer_ids, now, held_no=global_no or 0)
        found |= arms(tx, number, customer_ids)
    if global_no is not None:
        held = arms(tx, global_no, customer_ids)
        found |= {one: CONTROL for one, arm in held.items() if arm == CONTROL}
    return found


def of_split(
    tx: Transaction, journey: str, step: str, shares: Mapping[str, float], customer_ids: Sequence[int], now: Instant
) -> dict[int, str]:
    """Customers come to a step that parts them at random: the way of each. The first way is what others are compared with."""
    design = Design(tuple(Share(arm, share) for arm, share in shares.items()))
    number = opened(tx, "split", f"{journey}/{step}", design, now)
    expose(tx, number, customer_ids, now)
    return arms(tx, number, customer_ids)


def opened(tx: Transaction, kind: Kind, subject: str, design: Design, now: Instant) -> int:
    """The number of the experiment of a journey, a step or a quarter that takes people now. Other groups or shares end it
    and open the next, with the same lots: who was held back stays so where the share grows."""
    row = tx.row("experiments.open", kind=kind, subject=subject)
    if row is not None:
        (found,) = read_rows(tx, [row], is_counted=False)
        if found.design.shares == design.shares:
            return found.experiment_no
        tx.run("experiments.end", experiment_no=found.experiment_no, now=now)
    nth = int(tx.value("experiments.of_subject", kind=kind, subject=subject))
    name = f"{kind}:{subject}"
    return add(tx, f"{name}#{nth + 1}" if nth else name, kind, subject, design, actor=_SYSTEM, now=now, salt=name)


def global_holdout(workspace: Workspace, tx: Transaction, now: Instant) -> int | None:
    """The experiment whose control gets no advertising now; None where the settings hold nobody back."""
    told = workspace.settings.experiments
    day = first_day_of(day_of(now, workspace.settings.workspace.zone), "quarter")
    subject = f"{day.year}-Q{(day.month + 2) // 3}" if told.global_renewal == "quarter" else "all"
    current = opened(tx, "global", subject, holdout(told.global_holdout), now) if told.global_holdout else None
    for row in tx.rows("experiments.open_of_kind", kind="global"):
        if row["experiment_no"] != current:
            tx.run("experiments.end", experiment_no=row["experiment_no"], now=now)
    return current


def expose_list(workspace: Workspace, name: str, of: int | str, *, actor: str) -> Entered:
    """The customers of a list or segment meet an experiment of one's own, in groups by lot."""
    found = read_list(workspace, of)
    now, after, asked, new = workspace.clock(), 0, 0, 0
    with workspace.store.write() as tx:
        experiment = _takes(tx, name)
        while True:
            rows = tx.rows("lists.customers", list_no=found.list_no, after=after, most=_SLICE)
            if not rows:
                break
            ids = [row["customer_id"] for row in rows]
            new, asked, after = new + expose(tx, experiment.experiment_no, ids, now), asked + len(ids), ids[-1]
        _noted(tx, experiment, actor, now, new)
    return Entered(new, asked)


def expose_lines(
    workspace: Workspace, name: str, lines: Iterable[tuple[str, str | None, Instant | None]], *, actor: str
) -> Entered:
    """People whom lines name (customer, group, when) meet an experiment of one's own. Without a group the lot says it;
    without a time it is now. InputError for a group that the experiment does not have, and for times to come."""
    given, now = list(lines), workspace.clock()
    owners: dict[str, set[int]] = {}
    texts = list(dict.fromkeys(text for text, _, _ in given))
    for at in range(0, len(texts), _SLICE):
        owners |= look_up(workspace, texts[at : at + _SLICE])
    with workspace.store.write() as tx:
        experiment = _takes(tx, name)
        _check(experiment, given, now)
        drawn, told = [], []
        for text, arm, at_ in given:
            if len(owners.get(text, ())) == 1:
                (who,) = owners[text]
                if arm is None:
                    drawn.append((who, at_ or now))
                else:
                    told.append({"customer_id": who, "arm": arm, "exposed_at": at_ or now})
        new = sum(tx.run("experiments.import", experiment_no=experiment.experiment_no, **one) for one in told)
        for moment in sorted({at_ for _, at_ in drawn}):
            new += expose(tx, experiment.experiment_no, [who for who, at_ in drawn if at_ == moment], moment)
        _noted(tx, experiment, actor, now, new)
    unknown = tuple(text for text in texts if not owners.get(text))
    ambiguous = tuple(text for text in texts if len(owners.get(text, ())) > 1)
    return Entered(new, len(given), unknown, ambiguous)


def _takes(tx: Transaction, name: str) -> Experiment:
    found = named(tx, name)
    if found.kind != "own" or found.ended_at is not None:
        raise InputError(
            "experiment_closed",
            Text("Nobody can be put into “{name}”.", "In „{name}“ kann niemand genommen werden.").fill(name=found.name),
            Text(
                "Only experiments of your own that have not ended take people; a journey draws its own.",
                "Nur eigene Experimente, die nicht beendet sind, nehmen Personen; eine Strecke lost selbst.",
            ),
        )
    return found


def _check(experiment: Experiment, given: Sequence[tuple[str, str | None, Instant | None]], now: Instant) -> None:
    known = experiment.design.shares
    wrong = next((arm for _, arm, _ in given if arm is not None and arm not in known), None)
    if wrong is not None:
        raise design_wrong(
            Text("it has no group “{arm}”, only {known}", "es hat keine Gruppe „{arm}“, nur {known}").fill(
                arm=wrong, known=", ".join(known)
            )
        )
    if any(at is not None and at > now for _, _, at in given):
        raise design_wrong(Text("a time lies ahead", "ein Zeitpunkt liegt in der Zukunft"))


def _noted(tx: Transaction, experiment: Experiment, actor: str, now: Instant, new: int) -> None:
    audit.add(tx, now, actor, "exposed", experiment_no=experiment.experiment_no, size=new)
