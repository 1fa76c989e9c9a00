"""The stream of events that a block of customers leaves behind, by time: numbers only, texts come later."""

from dataclasses import dataclass, fields

import numpy as np

from schwung.simulation.customers import Population
from schwung.simulation.draws import Flags, Floats, Ints, generator, spread
from schwung.simulation.experience import CAUSES, Experience, Told
from schwung.simulation.happenings import Happenings
from schwung.simulation.laws import Laws
from schwung.simulation.orders import Assignment, Orders
from schwung.simulation.reactions import of_messages
from schwung.simulation.visits import MOMENT, Visits

NAMES = (
    "page_viewed",
    "product_viewed",
    "product_added",
    "checkout_started",
    "order_completed",
    "profile_identified",
    "product_reviewed",
    "nps_answered",
    "case_opened",
    "case_answered",
    "case_resolved",
    "email_sent",
    "message_held_back",
    "account_deleted",
    "order_refunded",
    "referral_sent",
    "referral_converted",
    "order_delivered",
    "email_delivered",
    "email_bounced",
    "email_opened",
    "email_link_clicked",
    "email_unsubscribed",
    "email_marked_as_spam",
    "survey_sent",
    "survey_started",
    "csat_answered",
    "ces_answered",
    "loyalty_joined",
    "points_earned",
    "points_redeemed",
    "points_expired",
    "trial_started",
    "subscription_started",
    "subscription_renewed",
    "subscription_cancelled",
    "lead_captured",
    "lead_qualified",
    "lead_handed_over",
    "lead_converted",
    "lead_lost",
)
NAME = {name: index for index, name in enumerate(NAMES)}

# What an event says about who it was: a set of identifiers that the customer carries.
SIGHTS = ("device_0", "device_1", "user_0", "user_1", "signup", "card", "card_signup", "nobody")
SIGHT = {name: index for index, name in enumerate(SIGHTS)}


@dataclass(frozen=True, slots=True)
class Stream:
    """One row an event. owner: row of the customer. sight: index into SIGHTS. happened: days from the start.

    channel, campaign, order, product, value, cart: index or number, −1 where there is none.
    """

    name: Ints
    owner: Ints
    sight: Ints
    happened: Floats
    channel: Ints
    campaign: Ints
    order: Ints
    product: Ints
    value: Ints
    cart: Ints

    def __len__(self) -> int:
        return len(self.name)


def _events(name: str | Ints, owner: Ints, sight: Ints, happened: Floats, **rest: Ints) -> Stream:
    size = len(owner)
    names = np.full(size, NAME[name]) if isinstance(name, str) else name
    return Stream(names, owner, sight, happened, **{field: rest.get(field, np.full(size, -1)) for field in _REST})


_REST = ("channel", "campaign", "order", "product", "value", "cart")


def _of_visits(visits: Visits, taste: Ints, by_taste: list[Ints], seed: int, block_no: int) -> Stream:
    """Page, products, cart, checkout of each visit; the order itself comes from the orders."""
    chance = generator(seed, block_no, "pages")
    steps = visits.looks + 1 + (visits.kind >= 1) + (visits.kind == 2)
    visit, place = spread(steps.astype(np.int64))
    last_look = visits.looks[visit]
    name = np.where(place == 0, NAME["page_viewed"], NAME["product_viewed"])
    name = np.where(place == last_look + 1, NAME["product_added"], name)
    name = np.where(place == last_look + 2, NAME["checkout_started"], name)
    product = np.full(len(visit), -1, dtype=np.int64)
    taste_of = taste[visits.owner[visit]]
    draw = chance.random(len(visit)) ** 1.6  # the first products of the list are looked at most
    for index, known in enumerate(by_taste):
        rows = np.flatnonzero((taste_of == index) & (place > 0) & (place <= last_look + 1))
        product[rows] = known[(draw[rows] * len(known)).astype(np.int64)]
    return Stream(
        name=name,
        owner=visits.owner[visit],
        sight=np.where(visits.is_known[visit], SIGHT["user_0"], SIGHT["device_0"]) + visits.device[visit],
        happened=visits.started[visit] + place * MOMENT,
        channel=np.where(place == 0, visits.channel[visit], -1),
        campaign=np.where(place == 0, visits.campaign[visit], -1),
        order=np.full(len(visit), -1),
        product=product,
        value=np.full(len(visit), -1),
        cart=np.where(place > last_look, visits.cart[visit], -1),
    )


def _of_orders(people: Population, orders: Orders, visits: Visits, is_till: Flags) -> Stream:
    device = np.zeros(len(orders), dtype=np.int64)
    ordering = visits.order >= 0
    device[visits.order[ordering]] = visits.device[ordering]
    cart = np.full(len(orders), -1)
    cart[visits.order[ordering]] = visits.cart[ordering]
    till = np.where(people.is_guest[orders.owner], SIGHT["nobody"], SIGHT["card"])
    sight = np.where(is_till, till, SIGHT["user_0"] + device)
    return _events("order_completed", orders.owner, sight, orders.ordered, order=np.arange(len(orders)), cart=cart)


def _told(name: str, told: Told, orders: Orders, own: Ints, first: int = 0) -> Stream:
    owner = orders.owner[told.order]
    return _events(name, owner, own[owner], told.told, order=told.order, value=told.what + first)


def _happening(one: Happenings, user: Ints) -> Stream:
    rest = {name: getattr(one, name) for name in ("value", "order", "product", "campaign")}
    given = {name: column for name, column in rest.items() if column is not None}
    return _events(one.name, one.owner, user[one.owner], one.happened, **given)


def _messages(laws: Laws, people: Population, reached: Assignment, user: Ints, block_no: int) -> list[Stream]:
    """What the shop sent, what it held back from the control groups, and what became of what it sent."""
    names = np.array([NAME["message_held_back"], NAME["email_sent"]])
    welcome = next((index for index, one in enumerate(laws.campaigns) if one.to == "joiners"), -1)
    welcomed = np.flatnonzero(people.welcome_arm >= 0)
    sight = np.where(people.device_count[welcomed] > 0, SIGHT["signup"], SIGHT["card_signup"])
    moment = people.joined[welcomed] + 3 * MOMENT
    campaign = np.full(len(welcomed), welcome)
    treated, greeted = reached.arm == 1, people.welcome_arm[welcomed] == 1
    owner = np.concatenate([reached.owner[treated], welcomed[greeted]])
    sent = np.concatenate([reached.assigned[treated], moment[greeted]])
    about = np.concatenate([reached.campaign[treated], campaign[greeted]])
    became = of_messages(laws, owner, sent, about, block_no)
    return [
        *(_happening(one, user) for one in became),
        _events(names[reached.arm], reached.owner, user[reached.owner], reached.assigned, campaign=reached.campaign),
        _events(names[people.welcome_arm[welcomed]], welcomed, sight, moment, campaign=campaign),
    ]


def _becoming_known(people: Population, orders: Orders, user: Ints, told: Experience, referrer: Ints) -> list[Stream]:
    """Signing up on the web and at the till, referring others, closing the account."""
    signing = np.flatnonzero(people.agreed & (people.device_count > 0))
    carded = np.flatnonzero(people.has_card & np.isfinite(people.first_order))
    referred = np.flatnonzero(referrer >= 0)
    sender = referrer[referred]
    first = np.full(len(people), -1, dtype=np.int64)
    begun = np.flatnonzero(orders.nth == 0)
    first[orders.owner[begun]] = begun
    bought = referred[first[referred] >= 0]
    grateful, ordered = referrer[bought], orders.ordered[first[bought]] + MOMENT
    on_web, at_till = np.full(len(signing), SIGHT["signup"]), np.full(len(carded), SIGHT["card_signup"])
    return [
        _events("profile_identified", signing, on_web, people.joined[signing] + 2 * MOMENT),
        _events("profile_identified", carded, at_till, people.first_order[carded]),
        _events("referral_sent", sender, user[sender], people.joined[referred], value=people.number[referred]),
        _events(
            "referral_converted", grateful, user[grateful], ordered, value=people.number[bought], order=first[bought]
        ),
        _events("account_deleted", told.closed, user[told.closed], told.closed_at),
    ]


def _of_experience(orders: Orders, told: Experience, lines_order: Ints, user: Ints) -> list[Stream]:
    back = lines_order[told.returns.line]
    owner = orders.owner[back]
    return [
        _told("product_reviewed", told.ratings, orders, user),
        _told("nps_answered", told.scores, orders, user),
        _told("case_opened", told.complaints, orders, user),
        _told("case_opened", told.questions, orders, user, len(CAUSES) - 1),
        _told("case_answered", told.responses, orders, user),
        _told("case_resolved", told.resolved, orders, user),
        _events("order_refunded", owner, user[owner], told.returns.returned, order=back, value=told.returns.line),
    ]


def stream(
    people: Population,
    orders: Orders,
    visits: Visits,
    reached: Assignment,
    told: Experience,
    referrer: Ints,
    lines_order: Ints,
    is_till: Flags,
    by_taste: list[Ints],
    happenings: list[Happenings],
    laws: Laws,
    block_no: int,
) -> Stream:
    """All events of a block, by time. happenings: those of people who are known."""
    user = np.where(people.device_count > 0, SIGHT["user_0"], SIGHT["card"])
    parts = [
        _of_visits(visits, people.taste, by_taste, laws.seed, block_no),
        _of_orders(people, orders, visits, is_till),
        *_becoming_known(people, orders, user, told, referrer),
        *_of_experience(orders, told, lines_order, user),
        *_messages(laws, people, reached, user, block_no),
        *(_happening(one, user) for one in happenings),
    ]
    columns = {one.name: np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(Stream)}
    by_time = np.lexsort((columns["name"], columns["owner"], columns["happened"]))
    return Stream(**{name: column[by_time] for name, column in columns.items()})
