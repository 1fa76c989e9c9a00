"""Messages in the words of their receivers: a whole lot at once, one query per table, each template compiled once."""

import json
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from schwung.act.channel import Outgoing, Refused, Rendered
from schwung.act.message import told_in_both
from schwung.act.payload import Payload
from schwung.act.template import Template
from schwung.app.message_links import MessageLinks, message_links
from schwung.app.template_compile import fillable, snippets
from schwung.app.template_goods import Catalog, Goods
from schwung.app.template_values import People, imprint, read_people, values_of, wanted_goods
from schwung.app.templates import SavedTemplate, stamp, templates
from schwung.app.wiring import Workspace
from schwung.core.errors import InputError
from schwung.core.text import Language
from schwung.renderers.email import Compiled

_GOODS_SECONDS = 60.0
_MOST_AHEAD = 2_000


class Wanted(Protocol):
    """What is asked of a message; `app.claim.Claimed` is one. customer: who owns it now."""

    @property
    def message_no(self) -> int: ...
    @property
    def message_key(self) -> str: ...
    @property
    def customer(self) -> int | None: ...
    @property
    def channel(self) -> str: ...
    @property
    def purpose(self) -> str: ...
    @property
    def is_advertising(self) -> int: ...
    @property
    def template(self) -> str: ...
    @property
    def variables(self) -> str: ...
    @property
    def campaign(self) -> str | None: ...
    @property
    def identifier_id(self) -> int | None: ...
    @property
    def address(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class _Held:
    """Goods of customers, read some seconds ago."""

    goods: Mapping[int, Goods]
    catalog: Catalog
    blocks: frozenset[str]
    read_at: float


class Renderer:
    """Renders for one workspace; keeps what it compiled. Several threads may ask at once."""

    def __init__(self, workspace: Workspace, links: MessageLinks = message_links) -> None:
        self.workspace, self._links = workspace, links
        self._lock, self._goods_lock = threading.Lock(), threading.Lock()
        self._known: Mapping[str, SavedTemplate] = {}
        self._texts: Mapping[Language, Mapping[str, str]] = {}
        self._made: dict[tuple[Any, ...], Compiled | Payload] = {}
        self._seen: tuple[Any, ...] | None = None
        self._held: _Held | None = None

    def render(self, messages: Sequence[Wanted]) -> dict[int, Outgoing | Refused]:
        """Each message by its number: ready to be sent, or why it cannot be made."""
        self._look()
        ids = [one.customer for one in messages if one.customer is not None]
        people = read_people(self.workspace, ids, names=())
        done: dict[int, Outgoing | Refused] = {}
        ready: list[tuple[Wanted, SavedTemplate, Compiled | Payload]] = []
        for one in messages:
            try:
                ready.append((one, saved := self._template(one), self._compiled(saved, one, people)))
            except InputError as error:
                done[one.message_no] = Refused("unrenderable", told_in_both(error.message))
        people = self._with_goods(people, ready)
        for one, saved, made in ready:
            try:
                done[one.message_no] = self._rendered(one, saved.template, made, people)
            except InputError as error:
                done[one.message_no] = Refused("unrenderable", told_in_both(error.message))
        return done

    def _look(self) -> None:
        """Read templates anew when one or the settings changed."""
        settings = self.workspace.settings
        with self.workspace.store.read() as tx:
            seen = (stamp(tx), settings.email, settings.workspace)
        with self._lock:
            if seen != self._seen:
                self._known = {one.name: one for one in templates(self.workspace)}
                self._texts = snippets(self.workspace)
                self._made, self._seen = {}, seen

    def _template(self, message: Wanted) -> SavedTemplate:
        found = self._known.get(message.template)
        email = self.workspace.settings.email
        if found is None or found.template.channel != message.channel:
            raise _unrenderable(
                f"no {message.channel} template “{message.template}”",
                f"keine Vorlage „{message.template}“ für {message.channel}",
            )
        if (
            message.channel == "email"
            and message.is_advertising
            and not (email.imprint and found.template.is_advertising)
        ):
            raise _unrenderable(
                "advertising without imprint, or by a template that is none",
                "Werbung ohne Impressum oder mit einer Vorlage, die keine ist",
            )
        if message.channel == "email" and found.template.is_advertising and not message.is_advertising:
            raise _unrenderable(
                "a template for advertising in a message that claims to be none",
                "eine Vorlage für Werbung in einer Nachricht, die keine sein will",
            )
        return found

    def _compiled(self, saved: SavedTemplate, message: Wanted, people: People) -> Compiled | Payload:
        fallback = self.workspace.settings.workspace.language
        told = people.language(message.customer, fallback)
        if message.customer is None:  # nobody's yet: in the language in which the address was entered
            told = json.loads(message.variables or "{}").get("language", fallback)
        language, _ = saved.template.variant(told, fallback)
        key = (saved.name, saved.version, language, message.campaign)
        found = self._made.get(key)
        if found is None:
            with self._lock:
                found = self._made[key] = fillable(
                    self.workspace, saved.template, language, self._texts,
                    version=saved.version, campaign=message.campaign or "",
                )  # fmt: skip
        return found

    def _with_goods(self, people: People, ready: Sequence[tuple[Wanted, SavedTemplate, Compiled | Payload]]) -> People:
        """Products, where a template asks for them: read ahead for all messages that are being sent."""
        asking = [(one, blocks) for one, _, made in ready if (blocks := wanted_goods(made.names))]
        ids = {one.customer for one, _ in asking if one.customer is not None}
        if not ids:
            return people
        blocks = frozenset().union(*(blocks for _, blocks in asking))
        with self._goods_lock:
            held = self._held
            if (
                held is None
                or time.monotonic() - held.read_at > _GOODS_SECONDS
                or not (blocks <= held.blocks and ids <= set(held.goods))
            ):
                names = sorted({one.template for one, _ in asking})
                with self.workspace.store.read() as tx:
                    ahead = tx.tuples("templates.being_sent", names=names, most=_MOST_AHEAD)
                found = read_people(self.workspace, [*ids, *(one for (one,) in ahead)], blocks, names=())
                assert found.catalog is not None
                held = self._held = _Held(found.goods, found.catalog, blocks, time.monotonic())
        return replace(people, goods=held.goods, catalog=held.catalog)

    def _rendered(self, message: Wanted, template: Template, made: Compiled | Payload, people: People) -> Outgoing:
        language: Language = (
            made.language
            if isinstance(made, Compiled)
            else people.language(message.customer, self.workspace.settings.workspace.language)
        )
        asked = [path[1] for path in made.names if path[0] == "customer" and len(path) > 1]
        links = self._links(self.workspace, message.identifier_id, message.purpose)
        values = values_of(
            self.workspace, replace(people, names=asked), message.customer, language,
            journey=json.loads(message.variables or "{}"), links=links,
        )  # fmt: skip
        rendered = made.render(values)
        if isinstance(made, Payload):
            return Outgoing(message.message_key, template.url, rendered)
        if not message.address:
            raise _unrenderable("no address", "keine Adresse")
        if message.is_advertising:
            rendered = self._with_way_out(rendered, links["unsubscribe_url"], message.purpose)
        return Outgoing(message.message_key, message.address, rendered, str(values["customer"]["name"] or ""))

    def _with_way_out(self, rendered: Rendered, link: str, purpose: str) -> Rendered:
        """One click in the reader's program unsubscribes (RFC 8058)."""
        if not link or imprint(self.workspace) == "":
            raise _unrenderable("advertising without a way to unsubscribe", "Werbung ohne Abmeldeweg")
        domain = self.workspace.settings.email.sender.rpartition("@")[2]
        headers = {
            "List-Unsubscribe": f"<{link}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "List-ID": f"<{purpose.replace('_', '-')}.{domain}>",
        }
        return replace(rendered, headers={**rendered.headers, **headers})


def render(workspace: Workspace, messages: Sequence[Wanted]) -> dict[int, Outgoing | Refused]:
    """Once; who renders again and again keeps a `Renderer`."""
    return Renderer(workspace).render(messages)


def _unrenderable(en: str, de: str) -> InputError:
    from schwung.act.liquid import template_wrong
    from schwung.core.text import Text

    return template_wrong(Text(en, de))
