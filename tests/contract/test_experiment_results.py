"""Results of experiments from facts: a planted effect is found, none is invented, and what is not known is said."""

import json
import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from schwung.act.experiment.design import holdout
from schwung.app.analyses.experiment import detectable, experiment_result
from schwung.app.analyses.uplift import uplift
from schwung.app.analyses.value_proved import value_proved
from schwung.app.experiments import read_experiment, save_experiment
from schwung.app.exposures import expose_lines, opened
from schwung.app.lists import create_list
from schwung.app.merge import merge, merges_of, unmerge
from schwung.app.segments import save_segment
from schwung.app.wiring import Workspace, create_workspace
from schwung.cli import app
from schwung.core.clock import DAY
from schwung.core.errors import InputError
from schwung.core.text import Text
from tests import cast
from tests.conftest import FrozenClock
from tests.contract.test_access_http import csrf_of, sign_in
from tests.people import customer_of

PEOPLE = 200
SEARCH = {"page": {"url": "https://shop.example/", "referrer": "https://www.google.com/"}}
MARGIN = "[workspace]\nlanguage = 'en'\n[value]\nmargin_rate = 0.5\ntax_rate = 0.0\n[experiments]\nglobal_holdout = 0"


def is_treated(who: int) -> bool:
    return who % 2 == 1


def orders() -> list[dict[str, object]]:
    """All ordered for 40 in August; from the tenth of September on a fifth of the control buys for 30, and three fifths of
    the treated for 50. Half of each visited before. Two treated and nobody else unsubscribe."""
    found = [cast.order(f"O{who}", "2026-08-01 10:00", 40, user=f"u{who}") for who in range(PEOPLE)]
    for who in range(PEOPLE):
        buys = who % 10 in ((1, 3, 5) if is_treated(who) else (0,))
        if buys:
            found.append(cast.order(f"P{who}", "2026-09-20 10:00", 50 if is_treated(who) else 30, user=f"u{who}"))
    found += [cast.visit("2026-09-01 20:00", user=f"u{who}", context=SEARCH) for who in range(PEOPLE) if who % 4 < 2]
    for who in (1, 3):
        found.append(cast.track("Email Unsubscribed", "2026-09-21 10:00", {"message_id": f"m{who}"}, user=f"u{who}"))
    return found


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    workspace = create_workspace(tmp_path_factory.mktemp("trial") / "shop", MARGIN, clock=FrozenClock())
    cast.send(workspace, orders())
    cast.mirror(workspace)
    save_experiment(workspace, "coupon", {"arms": {"control": 0.5, "coupon": 0.5}}, actor="test")
    met_at = workspace.clock() - 71 * DAY
    lines = [(f"user_id:u{who}", "coupon" if is_treated(who) else "control", met_at) for who in range(PEOPLE)]
    expose_lines(workspace, "coupon", lines, actor="test")
    yield workspace
    workspace.store.close()


def test_a_planted_effect_is_found(filled: Workspace) -> None:
    found = experiment_result(filled, "coupon")
    control, treated = found.groups
    assert (control.people, treated.people, treated.followed, found.mixed) == (100, 100, 100, 0)
    assert (control.means["conversion"], treated.means["conversion"]) == (0.2, 0.6)
    assert control.means["margin"] == pytest.approx(0.2 * 30 * 0.5) and treated.means["revenue"] == pytest.approx(30)
    margin = found.of("margin")
    assert margin and margin.effect.low > 0 and margin.effect.value == pytest.approx(0.6 * 25 - 0.2 * 15)
    assert margin.total[0] == pytest.approx(1200) and margin.relative == pytest.approx(4)
    assert margin.looks[-1].value == margin.effect.value
    left = found.of("unsubscribed")
    assert left and left.effect.value == pytest.approx(0.02) and left.effect.low < 0 < left.effect.high
    assert found.state == "gain" and found.ratio_p == 1.0
    told = found.to_json()["sentence"]
    assert (
        "“coupon” brings €12.00 more margin a person" in told["en"]
        and "„coupon“ bringt je Person 12,00\u00a0€" in told["de"]
    )
    assert "is not shown" in told["en"]


def test_cuts_know_only_what_was_before(filled: Workspace) -> None:
    """All were existing or new by their order of August, whatever they did later; slices add up to all."""
    found = experiment_result(filled, "coupon", by="kind").sliced
    assert found and [one.value for one in found.slices] == ["new"] and found.slices[0].followed == PEOPLE
    firsts = [customer_of(filled, "user_id", f"u{who}") for who in range(80)]
    create_list(filled, "late list", firsts, origin="filter", basis={}, actor="test")
    late = experiment_result(filled, "coupon", by="late list").sliced
    assert late and [(one.value, one.followed) for one in late.slices] == [("out", PEOPLE)], (
        "the list came after the start"
    )


def test_before_the_start_the_least_effect_is_told(filled: Workspace) -> None:
    many, few = (detectable(filled, people_no=n, share=0.5) for n in (100_000, 1_000))
    by = {one.outcome.name: one for one in many}
    assert set(by) == {"conversion", "orders", "revenue", "margin", "unsubscribed"}
    for one, other in zip(many, few, strict=True):
        assert other.least == pytest.approx(10 * one.least)
    assert {one.outcome.name: one for one in few}["conversion"].mean == 0, "nobody bought in the last four weeks"


def test_who_was_merged_from_two_groups_is_left_out_and_comes_back(
    new_workspace: Callable[..., Workspace], store_url: str
) -> None:
    workspace = new_workspace(store=store_url)
    cast.fill(workspace)
    save_experiment(workspace, "trial", {}, actor="test")
    met = workspace.clock() - 40 * DAY
    expose_lines(workspace, "trial", [("user_id:anna", "control", met), ("user_id:cem", "treated", met)], actor="test")
    anna, cem = (customer_of(workspace, "user_id", who) for who in ("anna", "cem"))
    one = merge(workspace, anna, cem, "test")
    found = experiment_result(workspace, "trial")
    assert (found.people, found.mixed, found.state) == (0, 1, "empty")
    with workspace.store.read() as tx:
        undo = merges_of(tx, one)[0]
    unmerge(workspace, one, undo.proposal.leaving, "test")
    found = experiment_result(workspace, "trial")
    assert ([group.people for group in found.groups], found.mixed, found.state) == ([1, 1], 0, "early")
    assert found.missing and found.main == "revenue", "the cast tells no margins"


def test_groups_that_did_not_come_out_as_drawn_are_not_believed(filled: Workspace, tmp_path: Path) -> None:
    save_experiment(filled, "crooked", {"arms": {"control": 0.5, "treated": 0.5}}, actor="test")
    met = filled.clock() - 71 * DAY
    lines = [(f"user_id:u{who}", "control" if who < 60 else "treated", met) for who in range(PEOPLE)]
    expose_lines(filled, "crooked", lines, actor="test")
    found = experiment_result(filled, "crooked")
    assert found.state == "broken" and "control 60" in found.to_json()["sentence"]["en"]


def test_the_command_line_tells_it(filled: Workspace, tmp_path: Path) -> None:
    def ask(*asked: str) -> str:
        done = CliRunner(env={"SCHWUNG_LANGUAGE": "en"}).invoke(app, [*asked, "--workspace", str(filled.folder)])
        assert done.exit_code == 0, done.output
        return done.output

    told = json.loads(ask("experiment", "coupon", "--by", "kind", "--json"))
    assert told["groups"][0]["people"] == 100 and told["cut"]["slices"]
    file = tmp_path / "people.csv"
    file.write_text(
        "customer;arm;exposed_at\nuser_id:u1;b;2026-09-09T10:00:00+02:00\nuser_id:u2;;\nnobody@example.com;;\n"
    )
    ask("experiment", "new", "by hand", "--arm", "a=0.5", "--arm", "b=0.5", "--goal", "newsletter_subscribed")
    assert json.loads(ask("experiment", "expose", "by hand", str(file), "--json"))["new"] == 2
    assert "Too early" in ask("experiment", "by hand")
    assert "by hand" in ask("experiment", "list") and "shows from" in ask("experiment", "size", "--people", "1000")
    assert json.loads(ask("experiment", "end", "by hand", "--json"))["ended_at"]


def test_value_is_proved_by_journeys_with_a_holdout(filled: Workspace) -> None:
    """The planted lift of 12 a person among 100 treated; without a holdout nothing is known, which is not 0."""
    nothing = value_proved(filled)
    assert nothing.whole is None and "nobody knows" in nothing.to_json()["words"]["en"]
    ids = {who: customer_of(filled, "user_id", f"u{who}") for who in range(PEOPLE)}
    met_at = filled.clock() - 71 * DAY
    with filled.store.write() as tx:
        number = opened(tx, "journey", "win-back", holdout(0.5), met_at)
        for who, customer_id in ids.items():
            arm = "treated" if is_treated(who) else "control"
            tx.run("experiments.import", experiment_no=number, customer_id=customer_id, arm=arm, exposed_at=met_at)
    found = value_proved(filled)
    assert found.whole and found.whole.value == pytest.approx(1200) and found.whole.low > 0
    (month,) = found.months
    assert (month.isoformat(), found.months[month].people, found.journeys) == ("2026-10-01", 100, 1)


def test_whom_it_moves_is_not_known_where_nothing_tells_them_apart(filled: Workspace) -> None:
    """Who visited before was moved as much as who did not."""
    found = uplift(filled, "coupon")
    assert found.n == PEOPLE and not found.is_usable and "No usable difference" in found.words.en
    with pytest.raises(InputError, match="no treated group"):
        uplift(filled, "coupon", arm="control")


def test_the_console_draws_whom_it_moves_when_asked(filled: Workspace) -> None:
    client = sign_in(filled, "viewer")
    number = read_experiment(filled, "coupon").experiment_no
    assert "Work it out for “coupon”" in client.get(f"/experiments/{number}").text, "nothing is computed by looking"
    told = client.get(f"/experiments/{number}/uplift?arm=coupon").text
    assert "not usable" in told and "Treat all or nobody" in told
    picture = json.loads(unescape(told.split('data-spec="')[1].split('"')[0]))
    band, _chance, response, model = (layer["data"]["values"] for layer in picture["layer"])
    assert len(model) == len(response) == 21 and model[-1]["gained"] == pytest.approx(0.4), "the lift of all"
    assert all(place["low"] <= place["gained"] + 0.05 and place["high"] >= place["low"] for place in band)
    assert "not usable" in client.get(f"/experiments/{number}").text, "what is known stands in the page"
    assert "no treated group" in client.get(f"/experiments/{number}/uplift?arm=control").text


@pytest.fixture(scope="module")
def client(filled: Workspace) -> TestClient:
    return sign_in(filled, "editor")


def test_a_form_takes_up_to_ten_groups_that_add_up(filled: Workspace, client: TestClient) -> None:
    sent: dict[str, object] = {"csrf": csrf_of(client), "name": "three", "window_days": "14"}
    arms = {"arm": ["control", "coupon", "gift", ""], "percent": ["33,4", "33.3", "33.3 %", ""]}
    wrong = client.post("/experiments", data=sent | {"arm": arms["arm"], "percent": ["50", "30", "30", ""]})
    assert wrong.status_code == 200 and "add up to 100%, not to 110.0%" in wrong.text and 'value="gift"' in wrong.text
    for percent, says in (("much", "no share"), ("120", "between 0 and 1")):
        told = client.post("/experiments", data=sent | {"arm": ["a", "b"], "percent": [percent, "50"]}).text
        assert says in told, percent
    assert client.post("/experiments", data=sent | arms).status_code == 303
    design = read_experiment(filled, "three").design
    assert (
        design.shares == pytest.approx({"control": 0.334, "coupon": 0.333, "gift": 0.333}) and design.window_days == 14
    )


def test_a_form_takes_every_goal_that_a_file_takes(filled: Workspace, client: TestClient) -> None:
    segment = save_segment(filled, "Stammkunden", {"kind": ["existing"]}, actor="test")
    common = {"csrf": csrf_of(client), "arm": ["control", "coupon"], "percent": ["50", "50"], "before_days": "0"}

    def made(name: str, **fields: str) -> tuple[Any, Text]:
        answer = client.post("/experiments", data=common | {"name": name} | fields)
        assert answer.status_code == 303, answer.text
        design = read_experiment(filled, name).design
        assert design.before_days == 0
        return design.to_json().get("goal"), design.words

    goal, words = made("entering", goal="segment", segment=str(segment.list.list_no))
    assert goal["event"] == "segment_entered" and goal["where"][0]["value"] == segment.list.list_no
    assert "success is entering segment “Stammkunden” within 28 days" in words.en
    asked = {"goal": "step", "f.0.what": "product_viewed", "f.0.p0": "product_id", "f.0.o0": "=", "f.0.v0": "p-7"}
    goal, _ = made("looking", **asked)
    assert goal == {"event": "product_viewed", "where": [{"property": "product_id", "op": "=", "value": "p-7"}]}
    goal, _ = made("returning", goal="step", **{"f.0.what": "fact:returns"})
    assert goal == {"fact": "returns"}
    assert made("plain", **(asked | {"goal": "order"}))[0] is None, "what another choice holds does not count"

    more = client.post("/experiments", data=common | asked | {"act": "filter:f:0"}).text
    assert 'name="f.0.p1"' in more and 'value="p-7"' in more and re.search(r'value="step" checked', more)
    less = client.post("/experiments", data=common | asked | {"act": "unfilter:f:0:0"}).text
    assert 'name="f.0.p0"' not in less
    wrong = client.post("/experiments", data=common | {"name": "none", "goal": "segment", "segment": "99"})
    assert "no segment is chosen" in wrong.text
