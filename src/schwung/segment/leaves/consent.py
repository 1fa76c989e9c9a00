"""A consent that is in force."""

from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.segment.field import Field
from schwung.segment.given import Needs, State
from schwung.segment.leaf import LeafKind, mapping, texts
from schwung.segment.signed import FAR, signed
from schwung.segment.standing import Consented
from schwung.unify.consent import CHANNELS, PURPOSES


@dataclass(frozen=True, slots=True)
class Consent:
    of: Consented

    def to_json(self) -> dict[str, Any]:
        return {"consent": {"purpose": self.of.purpose, "channel": self.of.channel}}

    @property
    def words(self) -> Text:
        return Text("consents to {purpose} by {channel}", "willigt ein: {purpose} per {channel}").fill(
            purpose=PURPOSES[self.of.purpose], channel=CHANNELS[self.of.channel]
        )

    @property
    def needs(self) -> Needs:
        return (self.of,)

    def value(self, state: State) -> ir.IntegerValue:
        until = state.of(self.of, "_until")
        holds = (state.of(self.of, "_given") & (until.isnull() | (until > state.now))).fill_null(False)
        return signed(holds, ibis.cases((holds, until), else_=FAR))


def _read(written: Any) -> Consent:
    data = mapping(written, "purpose", "channel")
    (purpose,) = texts(data.get("purpose"), PURPOSES)[:1]
    (channel,) = texts(data.get("channel", "any"), CHANNELS)[:1]
    return Consent(Consented(purpose, channel))


LEAF = LeafKind(
    "consent",
    Text("consent", "Einwilligung"),
    Text("A consent to a purpose on a channel is in force.", "Eine Einwilligung in einen Zweck auf einem Kanal gilt."),
    _read,
    {"consent": {"purpose": "newsletter", "channel": "email"}},
    (
        Field("purpose", "choice", Text("purpose", "Zweck"), PURPOSES),
        Field("channel", "choice", Text("channel", "Kanal"), CHANNELS),
    ),
)
