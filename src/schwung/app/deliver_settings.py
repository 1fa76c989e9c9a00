"""The settings about delivery: how much, when, how fast."""

from datetime import date, time
from functools import lru_cache
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from schwung.act.caps import Cap
from schwung.act.quiet import Quiet
from schwung.app.setting import Section, setting
from schwung.core.clock import DAY, Instant
from schwung.core.text import Text

_TIME = r"^([01]\d|2[0-3]):[0-5]\d$"


def _not_negative(caps: dict[str, int]) -> dict[str, int]:
    for most in caps.values():
        if most < 0:
            raise PydanticCustomError("greater_than_equal", "the least is {ge}", {"ge": 0})
    return caps


class DeliverSettings(Section):
    """How much is sent, when, and how fast."""

    title: ClassVar[Text] = Text(
        "How much is sent, when, and how fast.", "Wie viel versandt wird, wann und wie schnell."
    )

    per_day: Annotated[dict[str, int], AfterValidator(_not_negative)] = setting(
        {"total": 2},
        text=Text(
            "Most advertising messages to a person a day, by channel and in total: email = 1, total = 2.",
            "Höchstzahl werblicher Nachrichten an eine Person am Tag, je Kanal und insgesamt: email = 1, total = 2.",
        ),
    )
    per_week: Annotated[dict[str, int], AfterValidator(_not_negative)] = setting(
        {"total": 5},
        text=Text(
            "The same within seven days, today among them.",
            "Dasselbe innerhalb von sieben Tagen, heute eingeschlossen.",
        ),
    )
    over_cap: Literal["wait", "lapse"] = setting(
        "wait",
        text=Text(
            "What happens to a message above these numbers: wait for the next free day, or lapse.",
            "Was mit einer Nachricht darüber geschieht: auf den nächsten freien Tag warten (wait) oder verfallen (lapse).",
        ),
    )
    wait_days: int = setting(
        3,
        ge=0,
        le=365,
        text=Text(
            "Days after its time until which an advertising message may wait; then it lapses.",
            "Tage nach ihrer Zeit, die eine werbliche Nachricht warten darf; danach verfällt sie.",
        ),
    )
    quiet_from: str = setting(
        "20:00",
        pattern=_TIME,
        text=Text(
            "Local time of the person from which no advertising is sent.",
            "Ortszeit der Person, ab der keine Werbung versandt wird.",
        ),
    )
    quiet_to: str = setting(
        "08:00",
        pattern=_TIME,
        text=Text(
            "Local time until which it is not; the same as quiet_from: no quiet hours.",
            "Ortszeit, bis zu der das gilt; gleich quiet_from: keine Ruhezeit.",
        ),
    )
    quiet_sundays: bool = setting(
        False, text=Text("Whether no advertising is sent on Sundays.", "Ob sonntags keine Werbung versandt wird.")
    )
    holidays: str = setting(
        "DE",
        pattern=r"^([A-Z]{2}(-[A-Z0-9]{1,3})?)?$",
        text=Text(
            "Country, or country and state (DE-BY), on whose public holidays no advertising is sent; empty: none.",
            "Land, oder Land und Bundesland (DE-BY), an dessen Feiertagen keine Werbung versandt wird; leer: keine.",
        ),
    )
    per_second: dict[str, float] = setting(
        {},
        text=Text(
            "Messages a second that a provider takes, by channel: email = 50. Not named: as fast as it goes.",
            "Nachrichten je Sekunde, die ein Anbieter annimmt, je Kanal: email = 50. Nicht genannt: so schnell es geht.",
        ),
    )
    connections: int = setting(
        4,
        ge=1,
        le=64,
        text=Text("Messages that are sent at the same time.", "Nachrichten, die gleichzeitig versandt werden."),
    )
    warm_up_from: str = setting(
        "",
        pattern=r"^(\d{4}-\d{2}-\d{2})?$",
        text=Text(
            "Day on which a new sending domain begins; empty: it is well known.",
            "Tag, an dem eine neue Absenderdomain beginnt; leer: sie ist eingeführt.",
        ),
    )
    warm_up_steps: tuple[int, ...] = setting(
        (200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000),
        text=Text(
            "Most e-mails a day of a new domain, step by step; a day that went well earns the next step.",
            "Höchstzahl an E-Mails am Tag bei neuer Domain, Stufe um Stufe; ein guter Tag verdient die nächste.",
        ),
    )
    mailbox: str = setting(
        "",
        text=Text(
            "Where bounces and complaints arrive: imaps://USER:PASSWORD@HOST/FOLDER, imap:// with STARTTLS, or the folder of a Maildir.",
            "Wo Rückläufer und Beschwerden ankommen: imaps://BENUTZER:PASSWORT@HOST/ORDNER, imap:// mit STARTTLS, oder der Ordner eines Maildirs.",
        ),
    )

    @property
    def caps(self) -> tuple[Cap, ...]:
        """The numbers above, as the delivery counts them."""
        return tuple(
            Cap(days, most, None if name == "total" else name)
            for days, named in ((1, self.per_day), (7, self.per_week))
            for name, most in named.items()
        )

    @property
    def quiet(self) -> Quiet:
        """Hours and days without advertising."""
        place, sundays = self.holidays, self.quiet_sundays
        return Quiet(
            time.fromisoformat(self.quiet_from),
            time.fromisoformat(self.quiet_to),
            lambda day: (sundays and day.weekday() == 6) or (bool(place) and _is_holiday(place, day)),
        )

    @property
    def longest_wait(self) -> Instant:
        return self.wait_days * DAY


@lru_cache(maxsize=2_000)
def _is_holiday(place: str, day: date) -> bool:
    """A place that the calendar does not know has no holidays."""
    import holidays

    country, _, state = place.partition("-")
    try:
        return day in holidays.country_holidays(country, subdiv=state or None, years=day.year)
    except NotImplementedError:
        return False
