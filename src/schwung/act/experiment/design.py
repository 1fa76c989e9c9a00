"""What an experiment is, as data: its groups with their shares, what counts as success, how long people are followed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.measure import said
from schwung.measure.step import Step

CONTROL, TREATED = "control", "treated"
WINDOW_DAYS, BEFORE_DAYS = 28, 364
"""Whole weeks, so that no weekday weighs more than another."""
MOST_DAYS = 730
MOST_ARMS = 10
_LETTERS = 60
_TITLES = {CONTROL: Text("control", "Vergleichsgruppe"), TREATED: Text("treated", "Behandelte")}


def arm_title(arm: str) -> Text:
    """A group as people read it: those that every journey has, in their language; others by their name."""
    return _TITLES.get(arm, Text(arm, arm))


def arm_shares(arms: Iterable[tuple[str, float]]) -> Text:
    """holdout 10%, treated 90%"""
    told = [(arm_title(arm), f"{100 * share:g}") for arm, share in arms]
    return Text(
        ", ".join(f"{title.en} {share}%" for title, share in told),
        ", ".join(f"{title.de} {share.replace('.', ',')}\u00a0%" for title, share in told),
    )


@dataclass(frozen=True, slots=True)
class Share:
    """A group and its share of all, 0 to 1."""

    arm: str
    share: float


@dataclass(frozen=True, slots=True)
class Design:
    """arms: the first is what the others are compared with. goal: what counts as conversion; None: an order.

    window_days: so long a person is followed from the first meeting on. before_days: so long a time before it explains part
    of what comes after (CUPED); 0: none.
    """

    arms: tuple[Share, ...]
    goal: Step | None = None
    window_days: int = WINDOW_DAYS
    before_days: int = BEFORE_DAYS
    note: str = ""

    @property
    def control(self) -> str:
        return self.arms[0].arm

    @property
    def shares(self) -> dict[str, float]:
        return {one.arm: one.share for one in self.arms}

    @property
    def bounds(self) -> list[str]:
        """Per group the first lot (`core.stable_hash.lot_of`) that is not in it any more."""
        so_far, found = 0.0, []
        for one in self.arms[:-1]:
            so_far += one.share
            found.append(f"{min(2**32 - 1, round(so_far * 2**32)):08x}")
        return [*found, "g"]

    @property
    def goal_words(self) -> Text:
        return Text("an order", "eine Bestellung") if self.goal is None else self.goal.label()

    @property
    def words(self) -> Text:
        shares = arm_shares((one.arm, one.share) for one in self.arms)
        said = Text("{shares}; success is {goal} within {days} days", "{shares}; Erfolg ist {goal} binnen {days} Tagen")
        return said.fill(shares=shares, goal=self.goal_words, days=self.window_days)

    def to_json(self) -> dict[str, Any]:
        goal = {} if self.goal is None else {"goal": self.goal.to_json()}
        days = {"window_days": self.window_days, "before_days": self.before_days}
        return {"arms": self.shares} | goal | days | ({"note": self.note} if self.note else {})


def holdout(share: float) -> Design:
    """Nothing for a share of people; all others get it. InputError for a share that is none."""
    return read_design({"arms": {CONTROL: share, TREATED: 1 - share}})


def read_design(written: Any) -> Design:
    """From {"arms": {name: share}, "goal", "window_days", "before_days", "note"}. InputError that says what is wrong."""
    if not isinstance(written, Mapping):
        raise design_wrong(Text("it is a mapping", "es ist eine Zuordnung"))
    unknown = sorted(set(map(str, written)) - {"arms", "goal", "window_days", "before_days", "note"})
    if unknown:
        raise design_wrong(
            Text("it has no {names}", "es hat kein {names}").fill(names=", ".join(unknown)),
        )
    goal = written.get("goal")
    return Design(
        _arms(written.get("arms", {CONTROL: 0.5, TREATED: 0.5})),
        None if goal is None else Step.read(goal),
        _days(written.get("window_days", WINDOW_DAYS), "window_days", 1),
        _days(written.get("before_days", BEFORE_DAYS), "before_days", 0),
        str(written.get("note") or "").strip()[:1000],
    )


def design_wrong(why: Text) -> InputError:
    return InputError(
        "experiment_wrong",
        Text("The experiment is wrong: {why}.", "Das Experiment ist falsch: {why}.").fill(why=why),
        Text("See docs/how-to/experiments.md.", "Siehe docs/de/how-to/experiments.md."),
    )


def _arms(written: Any) -> tuple[Share, ...]:
    if not isinstance(written, Mapping) or not 2 <= len(written) <= MOST_ARMS:
        raise design_wrong(
            Text(
                "“arms” names 2 to {most} groups with their shares",
                "„arms“ nennt 2 bis {most} Gruppen mit ihren Anteilen",
            ).fill(most=MOST_ARMS)
        )
    found = []
    for name, share in written.items():
        arm = " ".join(str(name).split())
        if not arm or len(arm) > _LETTERS:
            raise design_wrong(Text("a group needs a short name", "eine Gruppe braucht einen kurzen Namen"))
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share < 1:
            raise design_wrong(
                Text("the share of “{arm}” lies between 0 and 1", "der Anteil von „{arm}“ liegt zwischen 0 und 1").fill(
                    arm=arm
                )
            )
        found.append(Share(arm, float(share)))
    if len({one.arm for one in found}) < len(found):
        raise design_wrong(Text("two groups have the same name", "zwei Gruppen heißen gleich"))
    whole = sum(one.share for one in found)
    if abs(whole - 1) > 1e-6:
        raise design_wrong(
            Text("the shares add up to 100%, not to {whole}", "die Anteile ergeben zusammen 100 %, nicht {whole}").fill(
                whole=said.share(whole)
            )
        )
    return tuple(found)


def _days(written: Any, name: str, least: int) -> int:
    if isinstance(written, bool) or not isinstance(written, int) or not least <= written <= MOST_DAYS:
        raise design_wrong(
            Text("“{name}” is a whole number of days, {least} to {most}", "„{name}“ ist eine ganze Zahl von Tagen, {least} bis {most}").fill(
                name=name, least=least, most=MOST_DAYS
            )
        )  # fmt: skip
    return written
