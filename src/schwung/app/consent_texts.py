"""Wordings that people agree to, in versions that never change: what was agreed to can always be shown."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from schwung.app import audit
from schwung.app.ports import Row, Transaction
from schwung.app.wiring import Workspace
from schwung.core.clock import Instant
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.unify.consent import CHANNELS, PURPOSES

Kind = Literal["consent", "notice"]
KINDS = {
    "consent": Text("consent", "Einwilligung"),
    "notice": Text("notice to buyers (§ 7 (3) UWG)", "Hinweis an Käufer (§ 7 Abs. 3 UWG)"),
}
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_MOST_CHARACTERS = 4_000


@dataclass(frozen=True, slots=True)
class ConsentText:
    """One version. purposes: what a yes to it grants; none for a notice. used: how many statements name this version, where counted."""

    text_no: int
    name: str
    version: int
    kind: str
    purposes: tuple[str, ...]
    channel: str
    text: Text
    made_at: Instant
    made_by: str
    used: int = 0

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "purposes": list(self.purposes), "text": {"en": self.text.en, "de": self.text.de}}


def texts(workspace: Workspace) -> list[ConsentText]:
    """Every version, by name, the newest first."""
    with workspace.store.read() as tx:
        return _texts(tx)


def counted_texts(workspace: Workspace) -> list[ConsentText]:
    """`texts` with how many statements name each: for who reads them, since it looks through all statements."""
    with workspace.store.read() as tx:
        used = dict(tx.tuples("law.text_uses"))
        return [replace(one, used=used.get(one.text_no, 0)) for one in _texts(tx)]


def newest_texts(workspace: Workspace) -> list[ConsentText]:
    """The newest version of each."""
    return list({one.name: one for one in reversed(texts(workspace))}.values())


def read_text(tx: Transaction, name: str, version: int | None = None) -> ConsentText:
    """The newest version unless one is named. InputError when there is none."""
    for one in _texts(tx):
        if one.name == name and version in (None, one.version):
            return one
    raise InputError(
        "consent_text_unknown",
        Text("There is no consent text “{name}”.", "Einen Einwilligungstext „{name}“ gibt es nicht.").fill(
            name=name[:100]
        ),
        Text("See them with: schwung consent texts", "Anzeigen mit: schwung consent texts"),
    )


def save_text(
    workspace: Workspace, name: str, text: Text, actor: str, *,
    purposes: Sequence[str] = (), channel: str = "email", kind: Kind = "consent",
) -> ConsentText:  # fmt: skip
    """A new version; the same once more changes nothing. InputError for unknown words and what is empty or too long."""
    wanted = tuple(dict.fromkeys(purposes))
    _check(name, text, wanted, channel, kind)
    with workspace.store.write() as tx:
        known = [one for one in _texts(tx) if one.name == name]
        if known and (known[0].text, known[0].purposes, known[0].channel, known[0].kind) == (
            text,
            wanted,
            channel,
            kind,
        ):
            return known[0]
        now, version = workspace.clock(), known[0].version + 1 if known else 1
        number = tx.value(
            "law.add_text", name=name, version=version, kind=kind, purposes=json.dumps(wanted), channel=channel,
            en=text.en, de=text.de, now=now, actor=actor,
        )  # fmt: skip
        audit.add(tx, now, actor, "consent_text_saved", None, name=name, version=version)
    return ConsentText(int(number), name, version, kind, wanted, channel, text, now, actor)


def drafts(shop: str) -> tuple[tuple[str, Text, tuple[str, ...], Kind], ...]:
    """Wordings to begin with, to be adapted: a newsletter, its measurement, the notice to buyers."""
    return (
        (
            "newsletter",
            Text(
                "Yes, {shop} may send me e-mails with news and offers about its range. I can withdraw this at any time with "
                "one click in every e-mail.",
                "Ja, {shop} darf mir E-Mails mit Neuigkeiten und Angeboten aus dem eigenen Sortiment senden. Ich kann das "
                "jederzeit mit einem Klick in jeder E-Mail widerrufen.",
            ).fill(shop=shop),
            ("newsletter", "advertising"),
            "consent",
        ),
        (
            "measuring",
            Text(
                "Yes, {shop} may record which of its e-mails I open and which links I follow, to send me what suits me. I "
                "can withdraw this at any time.",
                "Ja, {shop} darf festhalten, welche seiner E-Mails ich öffne und welchen Links ich folge, um mir Passendes zu "
                "senden. Ich kann das jederzeit widerrufen.",
            ).fill(shop=shop),
            ("tracking",),
            "consent",
        ),
        (
            "buyers",
            Text(
                "We use your e-mail address to tell you about own goods similar to your order. You can object at any time "
                "without costs other than those of transmission at base rates.",
                "Wir verwenden Ihre E-Mail-Adresse, um Sie über eigene ähnliche Waren wie in Ihrer Bestellung zu informieren. "
                "Sie können dem jederzeit widersprechen, ohne dass andere als die Übermittlungskosten nach den Basistarifen "
                "entstehen.",
            ),
            (),
            "notice",
        ),
    )


def _texts(tx: Transaction) -> list[ConsentText]:
    return [_text(row) for row in tx.rows("law.texts")]


def _text(row: Row) -> ConsentText:
    return ConsentText(
        row["text_no"], row["name"], row["version"], row["kind"], tuple(json.loads(row["purposes"])), row["channel"],
        Text(row["en"], row["de"]), row["made_at"], row["made_by"],
    )  # fmt: skip


def _check(name: str, text: Text, purposes: Sequence[str], channel: str, kind: str) -> None:
    wrong = [one for one in purposes if one not in PURPOSES]
    if (
        not _NAME.fullmatch(name)
        or wrong
        or channel not in CHANNELS
        or kind not in KINDS
        or bool(purposes) != (kind == "consent")
        or max(len(text.en), len(text.de)) > _MOST_CHARACTERS
        or "\x00" in text.en + text.de
    ):
        raise InputError(
            "consent_text_invalid",
            Text("This consent text cannot be kept.", "Dieser Einwilligungstext lässt sich nicht speichern."),
            Text(
                "A name of small letters, digits and hyphens; a known channel; for a consent at least one of the purposes "
                "{purposes}, for a notice none; at most 4,000 characters.",
                "Ein Name aus Kleinbuchstaben, Ziffern und Bindestrichen; ein bekannter Kanal; für eine Einwilligung "
                "mindestens einer der Zwecke {purposes}, für einen Hinweis keiner; höchstens 4.000 Zeichen.",
            ).fill(purposes=", ".join(PURPOSES)),
        )
