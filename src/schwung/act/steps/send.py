"""Send a message made from a template."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schwung.act.step import StepKind, choice, flag, lasting, line, mapping, span
from schwung.core.text import Text
from schwung.segment.field import Field
from schwung.segment.rule import LeafError
from schwung.segment.span import said_span
from schwung.unify.consent import CHANNELS

IF_OVER = ("wait", "drop")


@dataclass(frozen=True, slots=True)
class Send:
    """purpose: empty takes the journey's. lapses_after: a message that could not go by then lapses; None: never.

    if_capped: what becomes of it over a cap or in quiet hours: it waits, or it is dropped.
    """

    template: str
    channel: str = "email"
    purpose: str = ""
    is_advertising: bool = True
    campaign: str = ""
    if_capped: str = "wait"
    lapses_after: int | None = None

    def to_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {"template": self.template, "channel": self.channel}
        found |= {name: getattr(self, name) for name in ("purpose", "campaign") if getattr(self, name)}
        found |= {} if self.is_advertising else {"advertising": False}
        found |= {} if self.if_capped == "wait" else {"if_capped": self.if_capped}
        return found | ({"lapses_after": said_span(self.lapses_after).en} if self.lapses_after else {})

    @property
    def words(self) -> Text:
        said = Text("send “{template}” by {channel}", "„{template}“ per {channel} senden").fill(
            template=self.template, channel=CHANNELS.get(self.channel, Text(self.channel, self.channel))
        )
        if self.lapses_after:
            after = lasting(self.lapses_after)
            return Text(f"{said.en}, at most {after.en} late", f"{said.de}, höchstens {after.de} später")
        return said


def _read(written: Mapping[str, Any]) -> Send:
    data = mapping(
        {"template": written} if isinstance(written, str) else written,
        "template", "channel", "purpose", "advertising", "campaign", "if_capped", "lapses_after",
    )  # fmt: skip
    channel = line(data, "channel", most=40) or "email"
    if not channel.replace("_", "").isalnum():
        raise LeafError(Text("“channel” is one word", "„channel“ ist ein Wort"))
    return Send(
        line(data, "template", is_needed=True),
        channel,
        line(data, "purpose", most=60),
        flag(data, "advertising", True),
        line(data, "campaign"),
        choice(data, "if_capped", IF_OVER, "wait"),
        span(data, "lapses_after"),
    )


STEP = StepKind(
    "send",
    Text("Send a message", "Nachricht senden"),
    Text(
        "Plans a message from a template. Whether it may go (consent, caps, quiet hours) is decided when it is due.",
        "Plant eine Nachricht aus einer Vorlage. Ob sie gehen darf (Einwilligung, Obergrenzen, Ruhezeiten), entscheidet sich bei Fälligkeit.",
    ),
    _read,
    {"template": "cart_reminder", "channel": "email", "lapses_after": "24 hours"},
    (
        Field("template", "text", Text("template", "Vorlage")),
        Field("channel", "choice", Text("channel", "Kanal"), {"email": CHANNELS["email"]}),
        Field("purpose", "text", Text("purpose", "Zweck"), is_optional=True),
        Field("advertising", "flag", Text("advertising", "Werbung"), is_optional=True),
        Field("campaign", "text", Text("campaign (UTM)", "Kampagne (UTM)"), is_optional=True),
        Field(
            "if_capped",
            "choice",
            Text("over a cap", "über der Obergrenze"),
            {"wait": Text("wait", "warten"), "drop": Text("drop", "entfallen")},
            is_optional=True,
        ),
        Field("lapses_after", "span", Text("lapses after", "verfällt nach"), is_optional=True),
    ),
    icon="mail",
    is_effect=True,
)
