"""Shifted beta-geometric model of contracts (Fader & Hardie 2007): at each renewal a customer cancels with probability θ, beta(α, β).

S(t) = (β)ₜ / (α+β)ₜ is the share still there after t renewals. Retention rises with tenure because those who cancel easily go first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.predict.clv.estimated import Estimated, estimated, given, read
from schwung.predict.clv.fit import fit_in_chart
from schwung.predict.clv.newton import Derivatives
from schwung.predict.clv.predicted import Compute, Predicted, Scale
from schwung.predict.clv.process import Chart, Coordinate
from schwung.predict.clv.quadrature import beta_mean
from schwung.predict.clv.refuse import LEAST_CUSTOMERS, refuse_rows
from schwung.predict.clv.rising import Rising
from schwung.predict.clv.rows import Floats, Ints

PARAMETERS = ("alpha", "beta")
_TITLE = Text("The shifted beta-geometric model", "Das verschobene Beta-geometrische Modell")


class ContractLikelihood:
    """Of the logarithms of (α, β). tenure: renewals asked; churned: whether the last one was declined; count: customers."""

    def __init__(self, tenure: Ints, churned: npt.NDArray[np.bool_], count: Floats) -> None:
        self._lost = float(count @ churned)
        self._renewed = Rising.of(tenure - churned, count)
        self._asked = Rising.of(tenure, count)

    def __call__(self, at: Floats) -> Derivatives:
        alpha, beta = np.exp(at)
        renewed, renewed1, renewed2 = self._renewed(beta)
        asked, asked1, asked2 = self._asked(alpha + beta)
        scale = np.array([alpha, beta])
        gradient = scale * np.array([self._lost / alpha - asked1, renewed1 - asked1])
        hessian = np.array([[-self._lost / alpha**2 - asked2, -asked2], [-asked2, renewed2 - asked2]])
        value = self._lost * np.log(alpha) + renewed - asked
        return float(value), gradient, hessian * np.outer(scale, scale) + np.diag(gradient)


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class FittedContracts(Estimated):
    """parameters: alpha, beta. Times are renewal periods."""

    model: str = "sbg"

    def __repr__(self) -> str:
        return "\n".join([*self._lines(), "  .survival(periods)  .retention(periods)  .lifetime(discount, tenure)"])

    def survival(self, periods: npt.ArrayLike, tenure: npt.ArrayLike = 0) -> Predicted:
        """Share of those with that tenure who are there after so many more renewals."""
        more, known = _whole(periods), _whole(tenure)

        def compute(logs: Floats) -> Floats:
            alpha, beta = np.exp(logs)
            start = beta + known
            each = [np.log1p(-alpha / (alpha + start + step)) for step in range(int(more.max(initial=0)))]
            summed = np.cumsum(np.vstack([np.zeros(np.broadcast(more, known).shape), *each]), axis=0)
            return np.exp(np.take_along_axis(summed, np.broadcast_to(more, summed.shape[1:])[None], axis=0)[0])

        more, known = np.broadcast_arrays(more, known)
        return self._predicted(compute, len(more), "logit")

    def retention(self, periods: npt.ArrayLike) -> Predicted:
        """Share of those who were there at the renewal before: of the first renewal (1), the second …"""
        asked = _whole(periods)
        refuse_rows(asked < 1, Text("Renewals are counted from 1", "Verlängerungen werden ab 1 gezählt"))

        def compute(logs: Floats) -> Floats:
            alpha, beta = np.exp(logs)
            found: Floats = (beta + asked - 1) / (alpha + beta + asked - 1)
            return found

        return self._predicted(compute, len(asked), "logit")

    def lifetime(
        self, discount: float, tenure: npt.ArrayLike = 0, *, periods: float = np.inf, with_now: bool = True
    ) -> Predicted:
        """Expected discounted number of payments of a customer with that tenure: now (if with_now) and at each renewal to come.

        discount: per period; a payment k periods ahead counts (1 + discount)^−k. periods: how many payments at most.
        """
        known = _whole(tenure).astype(np.float64)
        if not discount > 0 and not np.isfinite(periods):
            raise InputError(
                "no_discount",
                Text(
                    "Without a discount an endless horizon has no finite value.",
                    "Ohne Abzinsung hat ein endloser Horizont keinen endlichen Wert.",
                ),
                Text(
                    "Set a discount above 0 or a number of periods.",
                    "Setzen Sie einen Zins über 0 oder eine Zahl von Perioden.",
                ),
            )

        def payments(theta: Floats) -> Floats:
            kept = np.log1p(-np.minimum(theta, 1 - 1e-16)) - np.log1p(discount)
            return -np.expm1(periods * kept) / -np.expm1(kept)

        def compute(logs: Floats) -> Floats:
            alpha, beta = np.exp(logs)
            near = np.full(len(known), 1 / max(discount, 1 / periods))
            found = beta_mean(payments, float(alpha), beta + known, (), near, near)
            return found if with_now else found - 1

        return self._predicted(compute, len(known), "log")

    def _predicted(self, compute: Compute, size: int, scale: Scale) -> Predicted:
        return Predicted(compute, np.log(self.values), *self.uncertainty, np.arange(size), np.ones(size), scale)


class ShiftedBetaGeometric:
    """`fit` tenures with whether they ended, or `fit_survivors` a table of cohorts."""

    def __repr__(self) -> str:
        return "ShiftedBetaGeometric(): contracts. .fit(tenure, churned) or .fit_survivors([1000, 869, 743, …])"

    def fit(self, tenure: npt.ArrayLike, churned: npt.ArrayLike, count: npt.ArrayLike | None = None) -> FittedContracts:
        """tenure: renewals that came up, the declined one included. churned: whether the last was declined. count: customers of the row."""
        periods, lost = _whole(tenure), np.atleast_1d(np.asarray(churned)).astype(bool)
        number = np.ones(len(periods)) if count is None else np.atleast_1d(np.asarray(count, np.float64))
        refuse_rows(
            lost & (periods < 1) & (number > 0),
            Text(
                "A customer left before the first renewal came up",
                "Ein Kunde ging, bevor die erste Verlängerung anstand",
            ),
        )
        refuse_rows(~(number >= 0), Text("A number of customers is negative", "Eine Kundenzahl ist negativ"))
        customers = float(number.sum())
        self._check(customers, float(number @ periods))
        found = fit_in_chart(ContractLikelihood(periods, lost, number), _CHART, np.zeros(2), PARAMETERS)
        return FittedContracts(**estimated(found, PARAMETERS, customers))

    def fit_survivors(self, cohorts: npt.ArrayLike | Sequence[Sequence[float]]) -> FittedContracts:
        """Customers at the start and after each renewal: one row, or one per cohort, shorter for younger ones (or filled with NaN)."""
        rows = [cohorts] if np.ndim(next(iter(cohorts))) == 0 else cohorts  # type: ignore[arg-type]
        tenure, churned, count = [], [], []
        for row in rows:  # type: ignore[union-attr]
            known = np.asarray(row, np.float64)
            known = known[~np.isnan(known)]
            lost = -np.diff(known)
            refuse_rows(lost < 0, Text("A cohort grew", "Eine Kohorte ist gewachsen"))
            tenure += [*range(1, len(known)), len(known) - 1]
            churned += [*[True] * len(lost), False]
            count += [*lost, known[-1]]
        return self.fit(tenure, churned, count)

    @classmethod
    def from_parameters(cls, **parameters: float) -> FittedContracts:
        """alpha, beta that are known."""
        return FittedContracts(parameters=given(_TITLE, PARAMETERS, parameters))

    @classmethod
    def from_json(cls, told: str | Mapping[str, Any]) -> FittedContracts:
        """What `to_json` (or `told`) gave."""
        return FittedContracts(**read(told, PARAMETERS))

    @staticmethod
    def _check(customers: float, renewals: float) -> None:
        if customers >= LEAST_CUSTOMERS and renewals > 0:
            return
        raise InputError(
            "too_few_contracts",
            Text(
                f"{customers:.0f} contracts with {renewals:.0f} renewals are too few to fit a model; it takes at least {LEAST_CUSTOMERS} contracts.",
                f"{customers:.0f} Verträge mit {renewals:.0f} Verlängerungen sind zu wenige für ein Modell; es braucht mindestens {LEAST_CUSTOMERS} Verträge.",
            ),
            Text(
                "Take more contracts or a longer window.", "Nehmen Sie mehr Verträge oder einen längeren Zeitraum dazu."
            ),
        )


def _whole(values: npt.ArrayLike) -> Ints:
    given = np.atleast_1d(np.asarray(values, np.float64))
    refuse_rows(
        ~(np.isfinite(given) & (given >= 0) & (given == np.floor(given))),
        Text("A number of periods is not 0, 1, 2 …", "Eine Zahl von Perioden ist nicht 0, 1, 2 …"),
    )
    return given.astype(np.int64)


_CHART = Chart(
    np.array([[1.0, 1], [1, 0]]),
    (
        Coordinate(
            "β",
            PARAMETERS,
            -23.0,
            23.0,
            Text(
                "customers cancel at once or never (α and β go to 0)",
                "Kunden kündigen sofort oder nie (α und β gehen gegen 0)",
            ),
            Text(
                "all customers cancel with the same probability (α and β grow without bound)",
                "alle Kunden kündigen mit derselben Wahrscheinlichkeit (α und β wachsen unbegrenzt)",
            ),
        ),
        Coordinate(
            "α ÷ β",
            PARAMETERS,
            -23.0,
            23.0,
            Text("no customer cancels (α ÷ β goes to 0)", "kein Kunde kündigt (α ÷ β geht gegen 0)"),
            Text(
                "every customer cancels at once (α ÷ β grows without bound)",
                "jeder Kunde kündigt sofort (α ÷ β wächst unbegrenzt)",
            ),
        ),
    ),
)
