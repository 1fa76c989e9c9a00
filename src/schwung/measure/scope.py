"""What a metric's expression works on: the facts within the question, each row with its cut columns."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis import _

from schwung.measure.local_time import local_time, period_key
from schwung.measure.question import Question

TableOf = Callable[[str, bool], ir.Table]
"""(name, with customer?) → the fact table; with customer it has `customer_id`, null for guests."""
AtHand = Callable[[str], ir.Table | None]
"""What many figures read, worked out already: `channel`, `campaign` (the last touches of all orders, `cuts.touches_of`),
`referrals` (`referrals.referral_events`), `margins` (`margin.order_margins`), `cart_days` (`carts.cart_days`), `order_days`
(`diagnosis.rules.repeat_falling.stays`), `answers` (`flywheel.answers_of`), `courses` (`friction_deliveries.courses`), `worth`
(`predicted.all_worths`); None: it is not."""


Where = Callable[[ir.Table], ir.BooleanValue]
TIMES: Mapping[str, str] = {
    "answers": "answered_at",
    "spend": "spent_on",
    **dict.fromkeys(
        ("events", "messages", "cases", "carts", "subscriptions", "leads", "points", "deliveries"), "happened_at"
    ),
}
"""The column of each table of facts that says when."""
DAYS = frozenset({"spent_on"})
"""Those that are days in ISO text."""


@dataclass(frozen=True)
class Scope:
    """The facts of one question.

    table: where fact tables come from. moments: for metrics that hold at a moment, the periods asked for. at_hand:
    where pages have worked out what many figures read.
    """

    question: Question
    table: TableOf
    moments: "Moments | None" = None
    at_hand: AtHand | None = None

    @property
    def by(self) -> tuple[str, ...]:
        return self.question.by

    def ready(self, what: str, *, until_now: bool = False) -> ir.Table | None:
        """What is worked out already; None: it has to be. until_now: it tells how things ended, so it holds only for a
        question that reaches until now."""
        if self.at_hand is None or (until_now and not self.question.is_until_now):
            return None
        return self.at_hand(what)

    @property
    def bare(self) -> "Scope":
        """The same facts, not cut."""
        return replace(self, question=replace(self.question, by=()), moments=None)

    def also(self, cut: str) -> "Scope":
        """Cut by this too."""
        return self if cut in self.by else replace(self, question=replace(self.question, by=(*self.by, cut)))

    def facts(self, name: str, *, where: Where | None = None, customer: bool = True) -> ir.Table:
        """Rows of answers, messages, cases, carts, subscriptions, leads, points, deliveries, spend or events in the window,
        with the cuts. Amounts in a foreign currency are null. where: which of them.
        """
        time = TIMES[name]
        rows = self._within(self._read(name, customer), time, ever=False)
        rows = rows if where is None else rows.filter(where(rows))
        rows = rows.mutate(
            **{amount: self._own_currency(rows, amount) for amount in rows.columns if amount.endswith("_minor")}
        )
        return self._cut(rows, time)

    def cut(self, table: ir.Table, time: str) -> ir.Table:
        """Rows that a metric made of facts (customer_id, the column `time`, what a fact says of itself), with the cuts."""
        return self._cut(table, time)

    def sales(
        self, *, customer: bool = True, ever: bool = False, which: Callable[[ir.Table], ir.Table] | None = None
    ) -> ir.Table:
        """One row per order that was not cancelled (per order and product where cut by product).

        Columns: the cuts, order_key, ordered_at, amount_minor (null in a foreign currency), and customer_id (null
        for guests) where asked for. ever: also those before the window. which: those that are wanted, so that the cuts
        need not be found for all.
        """
        orders = self._within(self._read("orders", customer), "ordered_at", ever).filter(~_.is_cancelled)
        orders = orders if which is None else which(orders)
        orders = orders.mutate(amount_minor=self._own_currency(orders))
        if self._by_product:
            orders = self._lines(orders, ever)
        return self._cut(orders, "ordered_at")

    def returns(self, *, customer: bool = True) -> ir.Table:
        """One row per returned line of goods in the window; what undoes a cancelled order is left out, as the order is.

        Columns: the cuts, return_key, returned_at, amount_minor, and customer_id where asked for.
        """
        cancelled = self.table("orders", False).filter(_.is_cancelled).select("order_key")
        returns = self._within(self._read("returns", customer), "returned_at", ever=False).filter(_.is_product)
        returns = returns.anti_join(cancelled, "order_key").mutate(amount_minor=self._own_currency(returns))
        return self._cut(returns, "returned_at")

    def first_orders(self) -> ir.Table:
        """Each customer's first order ever: customer_id, order_key, ordered_at. Ties: the smaller key."""
        orders = self._within(self.table("orders", True), "ordered_at", ever=True)
        orders = orders.filter(~_.is_cancelled, _.customer_id.notnull())
        if "nth" not in orders.columns:  # `lifecycle.with_course`
            place = ibis.row_number().over(group_by="customer_id", order_by=["ordered_at", "order_key"])
            orders = orders.mutate(nth=place + 1)
        return orders.filter(_.nth == 1).select("customer_id", "order_key", "ordered_at")

    def group(self, table: ir.Table, *further: str, **values: ir.Value) -> ir.Table:
        """Aggregates per slice (and per `further` columns); one row in all where nothing is cut."""
        keys = [*self.by, *further]
        return table.group_by(keys).agg(**values) if keys else table.aggregate(**values)

    def order_count(self, sales: ir.Table) -> ir.IntegerScalar:
        """Orders among rows of `sales`; distinct only where an order has several rows, since that costs."""
        return sales.order_key.nunique() if self._by_product else sales.count()

    def per_customer(self) -> ir.Table:
        """Per slice and customer: order_count, amount_minor. Guests stay together in one row without a customer."""
        return self.group(self.sales(), "customer_id", order_count=_.count(), amount_minor=_.amount_minor.sum())

    def period(self, table: ir.Table, time: str) -> ir.IntegerValue:
        """Number of the asked calendar unit in which the instant in column `time` lies."""
        unit = self.question.unit
        if unit is None:
            raise ValueError("the question has no calendar unit")
        return period_key(self.local(table[time]), unit)

    def local(self, at: ir.IntegerValue, *, ever: bool = False) -> ir.IntegerValue:
        question = self.question
        since_at = question.first_at if ever or question.since_at is None else question.since_at
        return local_time(at, question.zone, since_at, question.until_at)

    @property
    def _by_product(self) -> bool:
        return "product" in self.by or "category" in self.by

    def _read(self, name: str, customer: bool) -> ir.Table:
        from schwung.measure.cuts import CUTS

        return self.table(name, customer or any(CUTS[cut].customer for cut in self.by))

    def _within(self, table: ir.Table, time: str, ever: bool) -> ir.Table:
        question = self.question
        if time in DAYS:
            table = table.filter(table[time] <= question.last_day.isoformat())
            since_on = question.since_on
            return table if ever or since_on is None else table.filter(table[time] >= since_on.isoformat())
        table = table.filter(table[time] < question.until_at)
        return table if ever or question.since_at is None else table.filter(table[time] >= question.since_at)

    def _own_currency(self, table: ir.Table, amount: str = "amount_minor") -> ir.IntegerValue:
        own = table.currency.isnull() | (table.currency == self.question.currency)
        return ibis.cases((own, table[amount]))

    def _lines(self, orders: ir.Table, ever: bool) -> ir.Table:
        """Per order its goods by product; what an order is worth beyond them (a discount, an article typed by hand) goes
        to no product, so that slices add up."""
        lines = self._within(self.table("order_lines", False), "ordered_at", ever).filter(_.is_product)
        lines = lines.mutate(amount_minor=self._own_currency(lines))
        goods = lines.group_by(["order_key", "product_id"]).agg(amount_minor=_.amount_minor.sum())
        known = goods.group_by("order_key").agg(known=_.amount_minor.sum())
        others = orders.left_join(known, "order_key", rname="line_{name}").select(
            "order_key",
            product_id=ibis.null("string"),
            amount_minor=_.amount_minor - _.known.fill_null(0),
        )
        others = others.filter(_.amount_minor != 0)
        return orders.drop("amount_minor").join(goods.union(others), "order_key", rname="line_{name}")

    def _cut(self, table: ir.Table, time: str) -> ir.Table:
        from schwung.measure.cuts import CUTS

        for cut in self.by:
            if self.moments is None or cut != self.question.unit:
                table = CUTS[cut].add(self, table, time)
        return table


@dataclass(frozen=True, slots=True)
class Moments:
    """Periods at whose ends (and starts) a state is counted.

    keys: their numbers; since_at: first instants; end_at: first instants that are not known any more;
    moment_at: from when ages are counted (the end, or `as of` in the period that is not over).
    given: the same as a table that is there already.
    """

    keys: Sequence[int]
    since_at: Sequence[int]
    end_at: Sequence[int]
    moment_at: Sequence[int]
    given: ir.Table | None = None

    def table(self) -> ir.Table:
        return ibis.memtable(self.rows()) if self.given is None else self.given

    def rows(self) -> pa.Table:
        columns = {"period": self.keys, "since_at": self.since_at, "end_at": self.end_at, "moment_at": self.moment_at}
        return pa.table({name: pa.array(values, pa.int64()) for name, values in columns.items()})
