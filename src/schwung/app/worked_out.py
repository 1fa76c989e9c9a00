"""What many figures of a page read: defined here, each worked out once while its snapshot is in use."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from functools import partial

import ibis.expr.types as ir

from schwung.app.facts import Facts, erased, without_erased
from schwung.app.ports import Build
from schwung.app.valuation import valuation_of
from schwung.core.clock import Instant
from schwung.measure.carts import cart_days, states
from schwung.measure.cuts import touches_of
from schwung.measure.diagnosis.rules.repeat_falling import stays as order_days
from schwung.measure.flywheel import answers_of
from schwung.measure.friction_carts import decided
from schwung.measure.friction_deliveries import courses
from schwung.measure.lifecycle import with_course
from schwung.measure.margin import order_margins
from schwung.measure.predicted import all_worths
from schwung.measure.question import Question
from schwung.measure.referrals import of_referrals, referral_events
from schwung.measure.rolling import REACH
from schwung.measure.scope import Scope

COLUMNS = (
    "order_key", "order_id", "source", "identifier_id", "ordered_at", "currency", "amount_minor", "discount_minor",
    "is_cancelled", "channel", "country",
)  # fmt: skip
"""Of orders, held in memory with the customer and each order's place in the customer's course (`lifecycle.with_course`) while
figures are worked out. What reads others reads the lake."""
REFERRAL = "event_no", "identifier_id", "name", "happened_at", "order_id"
_PLAIN = "plain orders"


def question_of(facts: Facts) -> Question:
    settings = facts.workspace.settings
    days = settings.lifecycle.dormant_after_days, settings.lifecycle.lost_after_days
    return Question(
        facts.as_of, facts.zone, facts.currency, dormant_after_days=days[0], lost_after_days=days[1],
        value=settings.value.valuation,
    )  # fmt: skip


def shape_of(facts: Facts) -> tuple[str, ...]:
    """All but facts and moment that what is worked out depends on."""
    return repr(replace(question_of(facts), as_of=0)), repr(erased(facts))


@contextmanager
def orders_with_course(facts: Facts) -> Iterator[ir.Table]:
    """All orders at hand while the context lasts."""
    shape = "kept orders", *shape_of(facts)
    with ExitStack() as stack:
        with facts.keep("orders", (*shape, "plain"), partial(_plain, facts)) as plain:
            rows = stack.enter_context(facts.keep("orders", shape, partial(_placed, facts), {_PLAIN: plain}))
        yield rows


def _plain(facts: Facts, tables: Mapping[str, ir.Table], moment: Instant) -> ir.Table:
    return facts.over(tables, moment).table("orders", customer=True).select(*COLUMNS, "customer_id")


def _placed(facts: Facts, tables: Mapping[str, ir.Table], moment: Instant) -> ir.Table:
    return with_course(tables[_PLAIN], question_of(facts))


def _touches(what: str, facts: Facts) -> ir.Table:
    orders = facts.table("orders", customer=True).select("order_key", "customer_id", "ordered_at")
    return touches_of(orders, facts.table("events", customer=True), what)


def _scope(facts: Facts) -> Scope:
    return Scope(question_of(facts), lambda name, customer: facts.table(name, customer=customer))


def _nobodys(facts: Facts) -> Scope:
    """As analyses of a period read: orders that stayed when a person was erased are nobody's."""
    question = question_of(facts)
    reach = facts.as_of - REACH - question.lost_after
    return Scope(replace(question, first_at=reach), without_erased(facts))


def _worths(facts: Facts) -> ir.Table:
    value = valuation_of(facts)
    scope = _scope(facts if value.basis == "revenue" else facts.unkept())
    return all_worths(replace(scope, question=replace(scope.question, value=value)), value.basis)


WORKED_OUT: Mapping[str, Callable[[Facts], ir.Table]] = {
    "channel": partial(_touches, "channel"),
    "campaign": partial(_touches, "campaign"),
    "referrals": lambda facts: referral_events(_scope(facts)),
    "referral_facts": lambda facts: of_referrals(facts.table("events")).select(*REFERRAL),
    "answers": lambda facts: answers_of(_nobodys(facts)),
    "margins": lambda facts: order_margins(_scope(facts.unkept())),
    "carts": lambda facts: decided(_nobodys(facts)),
    "cart_states": lambda facts: states(_nobodys(facts)),
    "cart_days": lambda facts: cart_days(_nobodys(facts)),
    "order_days": lambda facts: order_days(_nobodys(facts)),
    "courses": lambda facts: courses(_nobodys(facts)),
    "worth": _worths,
}
"""What many figures of a page read, for `Scope.at_hand`."""


def worked_out(facts: Facts, what: str) -> AbstractContextManager[ir.Table]:
    """At hand while the context lasts."""
    shape = "worked out", what, *shape_of(facts), *facts.kept
    return facts.keep(what, (*shape, repr(valuation_of(facts))) if what == "worth" else shape, _built(facts, what))


def _built(facts: Facts, what: str) -> Build:
    return lambda tables, moment: WORKED_OUT[what](facts.over(tables, moment))
