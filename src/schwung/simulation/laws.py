"""The laws of the simulated shop: every parameter that a model may later try to recover."""

from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from schwung.core.clock import DAY, Instant
from schwung.core.period import start_of
from schwung.simulation.relationship_laws import RelationshipLaws


@dataclass(frozen=True, slots=True)
class Channel:
    """How customers come.

    share: of those who join. cost_minor: paid for one who joins. conversion: chance that one who joins ever buys.
    buying: factor on the buying rate of the customers whom it brings; 1 leaves the law as it is.
    """

    name: str
    share: float
    cost_minor: int
    conversion: float
    buying: float = 1.0


@dataclass(frozen=True, slots=True)
class Campaign:
    """A planned send to the customers who agreed to e-mail, with a random holdout.

    to: `buyers` (their buying rate × (1 + lift) from `starts` for `lasts` days), `joiners` (their chance of a first
    order × (1 + lift), for those who join in that time), or `promoters` (asked to refer some days after they answered 9
    or 10; they bring 1 + lift times as many as others like them). Days count from the start of the simulation.
    """

    name: str
    to: str
    starts: float
    lasts: float
    lift: float
    holdout: float = 0.1


CHANNELS = (
    Channel("organic_search", 0.22, 0, 0.60),
    Channel("direct", 0.16, 0, 0.64),
    Channel("paid_search", 0.17, 1040, 0.54),
    Channel("paid_social", 0.16, 920, 0.38, buying=0.5),
    Channel("referral", 0.12, 500, 0.70, buying=1.15),
    Channel("email", 0.07, 210, 0.60),
    Channel("affiliate", 0.06, 620, 0.66),
    Channel("offline", 0.04, 340, 0.95),
)


@dataclass(frozen=True, slots=True)
class Laws:
    """All parameters. Times are days; money is minor units without tax.

    Buying is BG/NBD: rate ~ Gamma(r, alpha) a day, chance to leave after each repeat purchase ~ Beta(a, b), the clock of
    buying being *operational time*: the integral of the season, whose mean is one. Spend an order is gamma-gamma: Gamma(p, nu),
    nu ~ Gamma(q, gamma). satisfaction_leaving: rank correlation (negative) of satisfaction and the chance to leave.
    """

    seed: int
    customers: int
    days: int
    end_on: date
    zone: str = "Europe/Berlin"
    currency: str = "EUR"
    r: float = 0.75
    alpha: float = 104.0
    a: float = 0.70
    b: float = 3.40
    p: float = 6.25
    q: float = 3.74
    gamma_minor: float = 1416.0
    year_swing: float = 0.22
    week_swing: float = 0.18
    growth: float = 0.35
    satisfaction_leaving: float = 0.6
    consent_share: float = 0.62
    return_share: float = 0.045
    complaint_share: float = 0.028
    channels: tuple[Channel, ...] = CHANNELS
    campaigns: tuple[Campaign, ...] = field(default=())
    relationship: RelationshipLaws = field(default_factory=RelationshipLaws)

    @property
    def start_on(self) -> date:
        return self.end_on - timedelta(days=self.days - 1)

    @property
    def start_at(self) -> Instant:
        """Local midnight of the first day."""
        return start_of(self.start_on, self.zone)

    @property
    def mean_order_minor(self) -> float:
        """Mean of the customers' mean order values: p·gamma ÷ (q − 1)."""
        return self.p * self.gamma_minor / (self.q - 1)

    @property
    def referral_rate(self) -> float:
        """K: customers whom other customers brought ÷ all customers."""
        return sum(channel.share for channel in self.channels if channel.name == "referral")

    def instant(self, days: float) -> Instant:
        return self.start_at + round(days * DAY)

    def but(self, **changes: Any) -> "Laws":
        return replace(self, **changes)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self) | {"end_on": self.end_on.isoformat()}


def kaffeehaus(seed: int, customers: int, days: int, end_on: date) -> Laws:
    """The shop as `schwung simulate` runs it: a welcome offer all the time, a seasonal roast four times a year, late
    parcels, half of the promoters asked to refer."""
    roasts = tuple(
        Campaign(f"saisonroestung_{number + 1}", "buyers", start, 14.0, 0.35)
        for number, start in enumerate(range(30, max(days - 14, 0), 91))
    )
    welcome = Campaign("willkommen", "joiners", 0.0, float(days), 0.20)
    plea = Campaign("freunde_werben", "promoters", 0.0, float(days), 3.0, holdout=0.5)
    late = RelationshipLaws(late_share=0.08, late_mood=0.9, late_leaving=0.12)
    return Laws(seed, customers, days, end_on, campaigns=(welcome, *roasts, plea), relationship=late)
