"""Identity in sets equals one event at a time, on both stores, however the stream is cut into batches."""

import random
from dataclasses import dataclass, field

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schwung.app.resolve import resolve
from schwung.app.wiring import Workspace
from schwung.unify import identifier as kinds

Claim = tuple[str, str]
SCHEMA = pa.schema([("event_index", pa.int64()), ("place", pa.int8()), ("kind", pa.string()), ("value", pa.string())])


def table_of(events: list[list[Claim]]) -> pa.Table:
    rows = [(no, place, *claim) for no, event in enumerate(events) for place, claim in enumerate(event)]
    return pa.Table.from_pylist([dict(zip(SCHEMA.names, row, strict=True)) for row in rows], schema=SCHEMA)


@dataclass
class Oracle:
    """One event at a time, one dictionary per idea."""

    ids: dict[Claim, int] = field(default_factory=dict)
    kind_of: dict[int, str] = field(default_factory=dict)
    customer: dict[int, int] = field(default_factory=dict)
    links: dict[tuple[int, int], str] = field(default_factory=dict)
    apart: set[tuple[int, int]] = field(default_factory=set)

    def see(self, event: list[Claim]) -> int:
        met = []
        for claim in event:
            if claim not in self.ids:
                number = len(self.ids) + 1
                self.ids[claim], self.kind_of[number], self.customer[number] = number, claim[0], number
            met.append(self.ids[claim])
        for other in met[1:]:
            pair = (min(met[0], other), max(met[0], other))
            if met[0] != other and pair not in self.links:
                self.links[pair] = "open" if self.allowed(*pair) else "refused"
                if self.links[pair] == "open":
                    old = {self.customer[pair[0]], self.customer[pair[1]]}
                    self.customer = {one: min(old) if its in old else its for one, its in self.customer.items()}
        return met[0] if met else 0

    def members(self, customer: int) -> list[int]:
        return [one for one, its in self.customer.items() if its == customer]

    def allowed(self, low: int, high: int) -> bool:
        if self.customer[low] == self.customer[high]:
            return True
        mine, theirs = self.members(self.customer[low]), self.members(self.customer[high])
        both = [self.kind_of[one] for one in mine + theirs]
        link_kind = max(self.kind_of[low], self.kind_of[high], key=kinds.ORDER.__getitem__)
        has_user = [any(self.kind_of[one] == "user_id" for one in side) for side in (mine, theirs)]
        if link_kind == "anonymous_id" and all(has_user):
            return False
        return len(both) <= kinds.MOST_IDENTIFIERS and all(both.count(k.name) <= k.most for k in kinds.KINDS.values())


def messy_stream(seed: int, events: int, people: int) -> list[list[Claim]]:
    """People with several e-mails and devices, devices shared, some values passed around."""
    draw = random.Random(seed)
    stream = []
    for _ in range(events):
        person = draw.randrange(people)
        claims: list[Claim] = []
        if draw.random() < 0.5:
            claims.append(("user_id", f"u{person}"))
        if draw.random() < 0.4:
            claims.append(("email", f"{draw.choice([person, person, draw.randrange(people)])}@x.de"))
        if draw.random() < 0.1:
            claims.append(("phone", f"+4930{draw.randrange(people // 2):06}"))
        if draw.random() < 0.7:
            claims.append(("anonymous_id", f"d{draw.randrange(people) if draw.random() < 0.1 else person}"))
        stream.append(claims)
    return stream


def mapping(workspace: Workspace) -> tuple[dict[int, int], dict[tuple[int, int], str]]:
    with workspace.store.read() as tx:
        rows = tx.rows("identity.all_identities")
        links = tx.rows("identity.all_links")
    return (
        {row["identifier_id"]: row["customer_id"] for row in rows},
        {(row["low_id"], row["high_id"]): row["state"] for row in links},
    )


def test_equals_the_oracle_and_any_cut(each_workspace: Workspace) -> None:
    stream = messy_stream(seed=7, events=3_000, people=300)
    oracle, batch_no = Oracle(), 0
    expected = [oracle.see(event) for event in stream]
    seen: list[int] = []
    sizes = random.Random(1)
    while len(seen) < len(stream):
        batch_no += 1
        part = stream[len(seen) : len(seen) + sizes.choice([1, 10, 100, 700])]
        seen.extend(resolve(each_workspace, batch_no, table_of(part), event_count=len(part)).identifier_of.tolist())
    customers, links = mapping(each_workspace)
    assert seen == expected
    assert customers == oracle.customer
    assert links == oracle.links
    assert sum(state == "refused" for state in links.values()) > 50


def test_customer_is_the_smallest_identifier(each_workspace: Workspace) -> None:
    resolve(each_workspace, 1, table_of(messy_stream(3, 2_000, 400)))
    customers, _ = mapping(each_workspace)
    groups: dict[int, list[int]] = {}
    for identifier, customer in customers.items():
        groups.setdefault(customer, []).append(identifier)
    assert all(customer == min(members) for customer, members in groups.items())
    assert len(groups) < len(customers)


def test_the_same_batch_twice_changes_nothing(each_workspace: Workspace) -> None:
    events = table_of(messy_stream(5, 500, 80))
    first = resolve(each_workspace, 1, events)
    before = mapping(each_workspace)
    again = resolve(each_workspace, 1, events)
    assert (first.identifier_of == again.identifier_of).all()
    assert first.touched == again.touched
    assert mapping(each_workspace) == before


def test_a_chain_of_links_becomes_one_customer_up_to_the_limit(each_workspace: Workspace) -> None:
    chain = [[("email", f"{no}@x.de"), ("email", f"{no + 1}@x.de")] for no in range(100)]
    resolve(each_workspace, 1, table_of(chain))
    customers, links = mapping(each_workspace)
    groups = [list(customers.values()).count(customer) for customer in set(customers.values())]
    assert max(groups) == kinds.KINDS["email"].most
    assert "refused" in links.values()


def test_what_another_process_retires_or_blocks_is_noticed(each_workspace: Workspace) -> None:
    """Two workspaces over one store stand for two processes: the second's memory must not outlive the truth."""
    from schwung.app.customers import block, retire

    other = Workspace(each_workspace.folder, each_workspace.settings, each_workspace.clock)
    event = table_of([[("email", "a@x.de"), ("card", "C1")]])
    assert resolve(each_workspace, 1, event).identifier_of.tolist() == [1]
    assert resolve(other, 2, event).identifier_of.tolist() == [1]
    assert retire(each_workspace, "email", "A@x.de", "cli:test")
    assert resolve(other, 3, event).identifier_of.tolist() == [3]
    assert resolve(each_workspace, 4, event).identifier_of.tolist() == [3]
    block(each_workspace, "email", "a@x.de", "cli:test")
    found = resolve(other, 5, event)
    assert found.identifier_of.tolist() == [2] and found.blocked == 1
    other.store.close()


def test_a_lost_commit_leaves_no_memory(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was rolled back must not be remembered as known."""
    from schwung.app import resolve as resolving

    event = table_of([[("email", "a@x.de"), ("card", "C1")]])
    with monkeypatch.context() as patch:
        patch.setattr(resolving, "_write_links", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            resolve(workspace, 1, event)
    assert mapping(workspace) == ({}, {})
    assert resolve(workspace, 1, event).created == 2
    assert mapping(workspace) == ({1: 1, 2: 1}, {(1, 2): "open"})


def test_a_batch_of_nothing(workspace: Workspace) -> None:
    assert resolve(workspace, 1, table_of([]), event_count=3).identifier_of.tolist() == [0, 0, 0]


_claim = st.one_of(
    st.tuples(st.just("user_id"), st.sampled_from([f"u{no}" for no in range(8)])),
    st.tuples(st.just("email"), st.sampled_from([f"{no}@x.de" for no in range(14)])),
    st.tuples(st.just("anonymous_id"), st.sampled_from([f"d{no}" for no in range(6)])),
)
_event = st.lists(_claim, max_size=4).map(lambda claims: sorted(claims, key=lambda claim: kinds.ORDER[claim[0]]))


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    from schwung.app.wiring import create_workspace

    return create_workspace(tmp_path_factory.mktemp("random"), "")


@settings(max_examples=60, deadline=None, derandomize=True)
@given(stream=st.lists(_event, max_size=40), cut=st.integers(0, 40))
def test_random_streams(scratch: Workspace, stream: list[list[Claim]], cut: int) -> None:
    """Every example gets values of its own, so that one store serves all."""
    tag = str(_examples()) + "_"
    with scratch.store.read() as tx:
        top = tx.value("store.counter", name="identifier")
    own = [[(kind, tag + value) for kind, value in event] for event in stream]
    oracle = Oracle()
    expected = [oracle.see(event) for event in own]
    seen = []
    for part in (own[:cut], own[cut:]):
        if part:
            found = resolve(scratch, 1, table_of(part), event_count=len(part)).identifier_of
            seen += [int(number) - top if number else 0 for number in found]
    customers, _ = mapping(scratch)
    assert seen == expected
    assert {one - top: its - top for one, its in customers.items() if one > top} == oracle.customer


_count = iter(range(10**9))


def _examples() -> int:
    return next(_count)
