"""Answers, messages, cases, subscriptions, leads, points and deliveries in files: what stands there is what the facts say."""

from pathlib import Path

from schwung.app.import_mapping import load_mapping
from schwung.app.imports import import_file
from schwung.app.wiring import Workspace
from tests.importing import by, counts, facts, run, write_csv


def test_answers_with_skipped_ones_and_values_off_the_scale(workspace: Workspace, tmp_path: Path) -> None:
    head = ("Response ID", "Date", "Customer", "Metric type", "Question", "Score", "Phase", "Comment")
    rows = [
        ("1", "2026-03-01", "K1", "nps", "q1", "9", "delight", "gern wieder"),
        ("2", "2026-03-01", "K2", "nps", "q1", "", "delight", ""),
        ("3", "2026-03-02", "K1", "nps", "q1", "6.5", "delight", ""),
        ("4", "2026-03-02", "K3", "nps", "q1", "8.5", "delight", ""),
        ("5", "2026-03-03", "K3", "ces", "q2", "7", "interact", ""),
        ("6", "2026-03-03", "K3", "csat", "q3", "6", "interact", ""),
    ]
    path = write_csv(tmp_path / "answers.csv", rows, head)
    assert run(workspace, path, "answers") == counts(imported=3, rejected=3)
    assert run(workspace, path, "answers") == counts(known=3, rejected=3)
    found = sorted(facts(workspace, "answers").to_pylist(), key=lambda row: (row["question_id"], row["value"] or -1))
    assert [(row["metric"], row["value"], row["scale_high"], row["phase"]) for row in found] == [
        ("nps", None, 10.0, "delight"),
        ("nps", 9.0, 10.0, "delight"),
        ("ces", 7.0, 7.0, "interact"),
    ]
    assert [row["text"] for row in found] == [None, "gern wieder", None]
    changed = write_csv(tmp_path / "later.csv", [("1", "2026-03-01", "K1", "nps", "q1", "10", "delight", "doch noch besser")], head)  # fmt: skip
    assert run(workspace, changed, "answers") == counts(imported=1)
    assert sorted(filter(None, facts(workspace, "answers")["value"].to_pylist())) == [7.0, 10.0]


def test_a_case_goes_on_in_a_later_file(workspace: Workspace, tmp_path: Path) -> None:
    head = ("Ticket", "Eröffnet am", "Beantwortet am", "Gelöst am", "Kunde", "Art", "Grund")
    first = [("T1", "2026-03-01 09:00", "2026-03-01 11:00", "", "K1", "Beschwerde", "Bruch"), ("T2", "2026-03-02 09:00", "", "", "K2", "Frage", "")]  # fmt: skip
    assert run(workspace, write_csv(tmp_path / "one.csv", first, head), "cases") == counts(imported=2)
    later = [(*first[0][:3], "2026-03-04 10:00", *first[0][4:]), first[1], ("T3", "2026-03-05 09:00", "", "", "K2", "Unfug", "")]  # fmt: skip
    path = write_csv(tmp_path / "two.csv", later, head)
    assert run(workspace, path, "cases") == counts(known=1, updated=1, rejected=1)
    steps = [(row["case_id"], row["state"], row["kind"], row["cause"]) for row in facts(workspace, "cases").to_pylist()]
    assert sorted(steps, key=str) == [
        ("T1", "answered", None, None),
        ("T1", "opened", "complaint", "Bruch"),
        ("T1", "resolved", None, None),
        ("T2", "opened", "question", None),
    ]


def test_messages_subscriptions_leads_and_points(workspace: Workspace, tmp_path: Path) -> None:
    sent = [("M1", "2026-03-01 08:00", "2026-03-01 08:01", "2026-03-01 09:00", "K1", "herbst"), ("M2", "2026-03-01 08:00", "", "", "K2", "herbst")]  # fmt: skip
    head = ("Message ID", "Sent at", "Delivered at", "Opened at", "Customer", "Campaign")
    assert run(workspace, write_csv(tmp_path / "m.csv", sent, head), "messages") == counts(imported=2)
    assert sorted(facts(workspace, "messages")["state"].to_pylist()) == ["delivered", "opened", "sent", "sent"]

    plans = [("A1", "2026-01-01", "2026-04-01", "K1", "Jahresabo", "Jahr", "120,00"), ("A2", "2026-02-01", "", "K2", "Monatsabo", "monatlich", "9,90")]  # fmt: skip
    head = ("Abo Nr", "Beginn", "Gekündigt am", "Kunde", "Tarif", "Zahlweise", "Preis")
    path = write_csv(tmp_path / "s.csv", plans, head)
    assert run(workspace, path, "subscriptions") == counts(imported=2)
    states = {(row["subscription_id"], row["state"], row["monthly_minor"]) for row in facts(workspace, "subscriptions").to_pylist()}  # fmt: skip
    assert states == {("A1", "started", 1000), ("A1", "cancelled", 1000), ("A2", "started", 990)}

    leads = [("L1", "2026-03-01", "2026-03-03", "2026-03-20", "a@example.de", "fair", "70"), ("L2", "2026-03-02", "", "", "b@example.de", "web", "20")]  # fmt: skip
    head = ("Lead", "Created at", "Qualified at", "Converted at", "Email", "Lead source", "Lead score")
    assert run(workspace, write_csv(tmp_path / "l.csv", leads, head), "leads") == counts(imported=2)
    assert sorted(facts(workspace, "leads")["state"].to_pylist()) == ["captured", "captured", "converted", "qualified"]

    entries = [("1", "2026-01-01", "earned", "K1", "50", "2027-01-01"), ("2", "2026-02-01", "eingelöst", "K1", "20", ""), ("3", "2026-02-02", "geschenkt", "K1", "5", "")]  # fmt: skip
    head = ("Buchung", "Datum", "Buchungsart", "Kunde", "Punkte", "Gültig bis")
    path = write_csv(tmp_path / "p.csv", entries, head)
    assert run(workspace, path, "points") == counts(imported=2, rejected=1)
    assert run(workspace, path, "points") == counts(known=2, rejected=1)
    assert sorted(facts(workspace, "points")["points"].to_pylist()) == [-20, 50]


def test_orders_say_when_they_were_promised_and_delivered(workspace: Workspace, tmp_path: Path) -> None:
    head = ("Order", "Order date", "Customer", "Total", "Estimated delivery", "Delivered on")
    rows = [("1", "2026-03-01", "K1", "10.00", "2026-03-05", "2026-03-07"), ("2", "2026-03-01", "K2", "12.00", "2026-03-05", "")]  # fmt: skip
    path = write_csv(tmp_path / "o.csv", rows, head)
    assert run(workspace, path, "orders") == counts(imported=2)
    (row,) = facts(workspace, "deliveries").to_pylist()
    (order,) = [one for one in facts(workspace, "orders").to_pylist() if one["order_id"] == "1"]
    assert (row["state"], row["order_key"], row["order_id"]) == ("delivered", order["order_key"], "1")
    assert row["happened_at"] - row["promised_at"] == 2 * 86_400_000_000
    assert run(workspace, path, "orders") == counts(known=2)
    assert sorted(facts(workspace, "events")["name"].to_pylist()) == ["order_completed", "order_completed", "order_delivered"]  # fmt: skip


def test_hours_without_money_by_phase(workspace: Workspace, tmp_path: Path) -> None:
    head = ("day", "channel", "phase", "amount", "hours")
    rows = [("2026-03-01", "service", "delight", "", "8"), ("2026-03-01", "service", "interact", "5.00", "2"), ("2026-03-01", "service", "attract", "", "")]  # fmt: skip
    path = write_csv(tmp_path / "h.csv", rows, head)
    assert run(workspace, path, "spend") == counts(imported=2, rejected=1)
    found = {row["phase"]: (row["amount_minor"], row["hours"]) for row in facts(workspace, "spend").to_pylist()}
    assert found == {"delight": (0, 8.0), "interact": (500, 2.0)}


def test_imported_events_become_facts_as_well(workspace: Workspace, tmp_path: Path) -> None:
    head = ("event_name", "timestamp", "customer_id", "score", "case_id")
    rows = [("nps_answered", "2026-03-01", "K1", "9", ""), ("nps_answered", "2026-03-02", "K2", "6.5", ""), ("case_opened", "2026-03-02", "K2", "", "T9")]  # fmt: skip
    path = write_csv(tmp_path / "e.csv", rows, head)
    assert run(workspace, path, "events") == counts(imported=2, rejected=1)
    assert facts(workspace, "answers")["value"].to_pylist() == [9.0]
    assert facts(workspace, "cases")["case_id"].to_pylist() == ["T9"]


def test_words_for_nothing_columns_that_add_up_and_messages_without_a_number(
    workspace: Workspace, tmp_path: Path
) -> None:
    def imported(name: str, rows: list[tuple[str, ...]], head: tuple[str, ...], rules: str) -> dict[str, int]:
        kept = tmp_path / "kept.yaml"
        kept.write_text(rules, encoding="utf-8")
        return import_file(workspace, write_csv(tmp_path / name, rows, head), load_mapping(workspace, kept))

    scored = "kind: answers\ncolumns: {id: answer_id, score: {field: value, empty: ['11', n/a]}, w: weight}\n"
    scored += "constants: {metric: nps, answered_at: 2026-03-01}\n"
    answers = [("1", "10", "0.5"), ("2", "11", "1"), ("3", "n/a", "1"), ("4", "12", "1"), ("5", "3", "-1")]
    assert imported("a.csv", answers, ("id", "score", "w"), scored)["rejected"] == 2
    found = facts(workspace, "answers").to_pylist()
    assert sorted((row["value"] or 0, row["weight"]) for row in found) == [(0, 1.0), (0, 1.0), (10, 0.5)]
    rules = (
        "kind: orders\ncolumns: {no: order_id, on: ordered_at, sum: amount, card: {field: discount, add: [coupon]}}\n"
    )
    orders = [("1", "2026-03-01", "9", "1.50", "0.25"), ("2", "2026-03-01", "9", "", "0.25"), ("3", "2026-03-01", "9", "", "")]  # fmt: skip
    assert imported("o.csv", orders, ("no", "on", "sum", "card", "coupon"), rules)["imported"] == 3
    assert by(facts(workspace, "orders"), "order_id", "discount_minor") == {"1": 175, "2": 25, "3": None}
    sent = "kind: messages\ncolumns: {who: user_id, run: campaign, at: sent_at}\n"
    for count in (2, 0):
        told = imported("m.csv", [("K1", "may", "2026-03-01"), ("K2", "may", "2026-03-01")], ("who", "run", "at"), sent)
        assert told["imported"] == count
    assert facts(workspace, "messages").num_rows == 2
