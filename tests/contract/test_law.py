"""What may be sent: the set-based statement against the rules read one by one, on both stores; a no that survives everything."""

import random
from collections import Counter
from typing import Any

from schwung.act import legality
from schwung.app import law
from schwung.app.consents import opt_out, record_consent
from schwung.app.law import block, may, tracked
from schwung.app.lists import read_list
from schwung.app.merge import merge, merges_of, unmerge
from schwung.app.ports import Transaction
from schwung.app.segment_reach import reach
from schwung.app.wiring import Workspace
from schwung.unify.consent import CHANNELS, PURPOSES, TOPICS
from tests.people import bring, customer_of, event

HOUR = 3_600_000_000
IDENTIFIER = ("identifier_id", "kind", "value", "customer_id", "source", "first_seen_at", "batch_no", "retired_at")
CONSENT = ("identifier_id", "purpose", "channel", "state", "legal_basis", "source", "proof", "given_at", "expires_at", "recorded_at", "confirmed_at")  # fmt: skip
MESSAGE = ("message_key", "customer_id", "channel", "purpose", "is_advertising", "template", "variables", "state", "planned_at", "due_at", "identifier_id")  # fmt: skip


def plan(tx: Transaction, now: int, *messages: dict[str, Any]) -> list[int]:
    """Messages of the table, e-mails of a newsletter unless said otherwise. Their numbers."""
    rows = []
    for number, message in enumerate(messages):
        full = {
            "message_key": f"test:{number}", "channel": "email", "purpose": "newsletter", "is_advertising": 1, "template": "t",
            "variables": "{}", "state": "planned", "planned_at": now, "due_at": now, "identifier_id": None, **message,
        }  # fmt: skip
        rows.append(tuple(full[name] for name in MESSAGE))
    tx.load("message", MESSAGE, rows)
    return list(range(1, len(rows) + 1))


def _people(seed: int, now: int) -> dict[str, tuple[tuple[str, ...], list[tuple[Any, ...]]]]:
    """Some 400 people with everything that can be said about them, at few instants so that many coincide."""
    draw = random.Random(seed)
    at = [now - 5 * HOUR, now - 4 * HOUR, now - 3 * HOUR, now - 2 * HOUR, now + HOUR]
    tables: dict[str, list[tuple[Any, ...]]] = {name: [] for name in ("identifier", "consent", "opt_out", "suppression", "own_customer")}  # fmt: skip
    one = 0
    for _ in range(400):
        customer = one + 1
        for _ in range(draw.randint(1, 4)):
            one += 1
            kind = draw.choice(("email", "email", "phone", "user_id"))
            retired = now if draw.random() < 0.1 else None
            tables["identifier"].append((one, kind, f"v{one}", customer, "shop", draw.choice(at[:4]), 1, retired))
            for _ in range(draw.choice((0, 1, 1, 2, 3))):
                state = draw.choice(("granted", "granted", "granted", "granted", "refused", "withdrawn"))
                tables["consent"].append((
                    one, draw.choice(("newsletter", "newsletter", *PURPOSES)), draw.choice(("any", "email", "email", "sms")), state,
                    draw.choice(("consent", "consent", "consent", "legitimate_interest")), "form",
                    draw.choice(("ticked", "ticked", "ticked", None, " ")), draw.choice(at),
                    draw.choice((None, None, None, now - HOUR, now + HOUR)), now, draw.choice((None, None, *at[:4])),
                ))  # fmt: skip
            if draw.random() < 0.2:
                lifted = now if draw.random() < 0.3 else None
                tables["opt_out"].append((one, draw.choice(tuple(TOPICS)), draw.choice(("any", "email", "sms")), "x", draw.choice(at[:4]), lifted))  # fmt: skip
            if draw.random() < 0.15:
                reason = draw.choice(("bounced", "complained", "by_hand"))
                tables["suppression"].append((one, draw.choice(("any", "email", "sms")), reason, "x", now, draw.choice((None, None, now))))  # fmt: skip
            if draw.random() < 0.3:
                tables["own_customer"].append((
                    one, draw.choice(("o1", "o1", "o1", None)), draw.choice((*at, None)), draw.choice(("coffee", "coffee", None)),
                    draw.choice((1, 1, 1, None)), draw.choice((*at[:3], None)), "till", now,
                ))  # fmt: skip
    columns = {
        "identifier": IDENTIFIER, "consent": CONSENT,
        "opt_out": ("identifier_id", "topic", "channel", "source", "opted_out_at", "lifted_at"),
        "suppression": ("identifier_id", "channel", "reason", "source", "suppressed_at", "lifted_at"),
        "own_customer": ("identifier_id", "order_id", "sold_at", "goods", "notice_no", "notice_at", "source", "recorded_at"),
    }  # fmt: skip
    return {name: (columns[name], rows) for name, rows in tables.items()}


def test_the_statement_says_what_the_rules_say(each_workspace: Workspace) -> None:
    """4,000 messages of any purpose on any channel to 400 people, some of whom were merged."""
    now, draw = each_workspace.clock(), random.Random(5)
    people = _people(5, now)
    last = len(people["identifier"][1])
    purposes = [*legality.ADVERTISING, "newsletter", "newsletter", *legality.TRANSACTIONAL, "tracking", "chat"]
    channels = ["email", "email", "email", "webhook", *CHANNELS]
    messages: list[dict[str, Any]] = []
    for _ in range(4_000):
        purpose = draw.choice(purposes)
        is_advertising = int(purpose not in legality.TRANSACTIONAL) if draw.random() < 0.95 else draw.randint(0, 1)
        messages.append({
            "customer_id": draw.randint(1, last + 5), "purpose": purpose, "channel": draw.choice(channels),
            "is_advertising": is_advertising, "identifier_id": draw.choice((None, None, draw.randint(1, last))),
        })  # fmt: skip
    with each_workspace.store.write() as tx:
        for table, (columns, rows) in people.items():
            tx.load(table, columns, rows)
        listed = tx.value(
            "lists.add", name="All", note="", origin="import", basis="{}", size=400, created_by="test", now=now
        )
        tx.load(
            "membership",
            ("list_no", "identifier_id", "joined_at"),
            [(listed, row[0], now) for row in people["identifier"][1]],
        )
        plan(tx, now, *messages)
        known = {number: law.standing(tx, number) for number in {row[3] for row in people["identifier"][1]}}
        person = {row[0]: known[row[3]] for row in people["identifier"][1]}
        wanted = [
            legality.judge(
                person.get(message["customer_id"], legality.Standing(None)), message["channel"], message["purpose"],
                bool(message["is_advertising"]), now, message["identifier_id"],
            )
            for message in messages
        ]  # fmt: skip
        blocked = block(tx, now)
        again = block(tx, now)
        words = {"transactional": list(legality.TRANSACTIONAL), "advertising": list(legality.ADVERTISING)}
        left = tx.rows("law.block", now=now, message_nos=list(range(1, 4_001)), **words)
    chosen = {row["message_no"]: row["identifier_id"] for row in left}
    for number, (message, verdict) in enumerate(zip(messages, wanted, strict=True), 1):
        assert blocked.get(number, "") == verdict.reason, (message, verdict)
        assert chosen.get(number) == (verdict.identifier_id if verdict.is_allowed else None), (message, verdict)
    assert not again and len(blocked) + len(left) == 4_000
    assert set(blocked.values()) == set(legality.REASONS), "every reason was met"
    assert {verdict.basis for verdict in wanted} - {None} == set(legality.BASES)
    for one in reach(each_workspace, read_list(each_workspace, listed), "newsletter"):
        each = Counter(legality.judge(who, one.channel, "newsletter", True, now).reason for who in known.values())
        assert one.reachable == each.pop("") > 0 and one.why_not == each, one.channel


def _anna(workspace: Workspace) -> int:
    """Anna at the till (card) and in the shop (e-mail, user id): one customer with one address."""
    now = workspace.clock() - HOUR
    bring(workspace, event("page_viewed", now, call="page", user_id="anna", email="anna@example.de"))
    customer = customer_of(workspace, "email", "anna@example.de")
    assert customer is not None
    return customer


def _address_no(tx: Transaction, customer: int) -> int:
    (found,) = [one.identifier_id for one in law.standing(tx, customer).addresses if one.kind == "email"]
    return found


def test_a_no_survives_merge_and_separation(each_workspace: Workspace) -> None:
    """Both sides of a separation keep the opt-out; an objection cancels what was planned, for every number of the person."""
    workspace, now = each_workspace, each_workspace.clock()
    anna = _anna(workspace)
    bring(workspace, event("page_viewed", now - HOUR, call="page", card="A17", email="anna@work.de"))
    till = customer_of(workspace, "card", "A17")
    assert till is not None and till != anna
    for customer in (anna, till):
        record_consent(workspace, customer, "cli:test", purpose="newsletter", channel="email", state="granted", proof="paper")  # fmt: skip
    one, other = min(anna, till), max(anna, till)
    merge(workspace, one, other, "cli:test")
    with workspace.store.write() as tx:
        plan(tx, now, {"customer_id": one}, {"customer_id": other}, {"customer_id": other, "purpose": "invoice", "is_advertising": 0})  # fmt: skip
        assert may(tx, other, "email", "newsletter", now).basis == "consent"
    opt_out(workspace, one, "cli:test", "newsletter", "email")
    with workspace.store.write() as tx:
        assert not block(tx, now), "both newsletters are cancelled already"
        assert [may(tx, who, "email", "newsletter", now).reason for who in (one, other)] == ["opted_out"] * 2
        assert may(tx, one, "email", "survey", now).reason == "no_consent"
        (undo,) = merges_of(tx, one)
    unmerge(workspace, one, undo.proposal.leaving, "cli:test")
    with workspace.store.read() as tx:
        assert [may(tx, who, "email", "newsletter", now).reason for who in (one, other)] == ["opted_out"] * 2
    opt_out(workspace, one, "cli:test", "objection")
    with workspace.store.read() as tx:
        assert may(tx, one, "email", "newsletter", now).reason == "objected"
        assert may(tx, one, "email", "invoice", now).is_allowed


def test_measured_is_only_who_agreed(each_workspace: Workspace) -> None:
    """§ 25 TDDDG: opens and clicks per person need a consent of their own, and an objection ends it."""
    workspace, now = each_workspace, each_workspace.clock()
    anna = _anna(workspace)
    with workspace.store.write() as tx:
        address = _address_no(tx, anna)
        plan(tx, now, {"customer_id": anna, "identifier_id": address})
        assert not tracked(tx, [1], now)
    record_consent(workspace, anna, "cli:test", purpose="tracking", channel="email", state="granted", proof="form 3", given_at=now - 1)  # fmt: skip
    with workspace.store.read() as tx:
        assert tracked(tx, [1, 2], now) == {1}
    opt_out(workspace, anna, "cli:test", "objection")
    with workspace.store.read() as tx:
        assert not tracked(tx, [1], now)
