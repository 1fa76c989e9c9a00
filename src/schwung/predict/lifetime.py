"""How long contracts last: Kaplan–Meier and Cox by lifelines, and how long one that runs has still to live."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from schwung.core.errors import InputError, SetupError
from schwung.core.text import Text
from schwung.measure import said

Floats = npt.NDArray[np.float64]
MOST_ROWS = 100_000
LEAST_ENDED = 25
_FAR = 0.02
_TIMES = (0.25, 0.5, 0.75)
_SAMPLED = Text(
    "Cox regression takes long on more than {most} contracts: it was fitted on {most} of {n}, drawn; Kaplan–Meier on all.",
    "Die Cox-Regression dauert bei mehr als {most} Verträgen lange: Sie wurde an {most} von {n} gezogenen angepasst, "
    "Kaplan–Meier an allen.",
)
_APART = Text(
    "Cox regression and Kaplan–Meier differ by up to {points}: what is known beside does not act in the same proportion at all ages.",
    "Cox-Regression und Kaplan–Meier weichen um bis zu {points} voneinander ab: Die Merkmale wirken nicht in jedem Alter gleich stark.",
)
_NO_HELP = Text(
    "What is known of the contracts does not tell how long they last; all are judged by their age alone.",
    "Was über die Verträge bekannt ist, sagt nicht, wie lange sie halten; alle werden allein nach ihrem Alter beurteilt.",
)
_NOT_FOUND = Text(
    "Cox regression found no solution for what is known of the contracts; all are judged by their age alone.",
    "Die Cox-Regression fand für die Merkmale der Verträge keine Lösung; alle werden allein nach ihrem Alter beurteilt.",
)


@dataclass(frozen=True, slots=True)
class Cox:
    """coefficients and their errors by column (a word column: `column=word`, the first word being the rule); means: of the
    columns. times, hazard: cumulative hazard of one at the means. log_likelihood: partial. concordance: Harrell's C."""

    coefficients: Mapping[str, float]
    standard_errors: Mapping[str, float]
    means: Mapping[str, float]
    times: Floats
    hazard: Floats
    log_likelihood: float
    concordance: float

    def log_risk(self, covariates: Any) -> Floats:
        """Of each row of a frame, against one at the means."""
        wide = _expanded(covariates, list(self.coefficients))
        middle = np.array([self.means[name] for name in self.coefficients])
        found: Floats = (wide - middle) @ np.array(list(self.coefficients.values()))
        return found


@dataclass(frozen=True, slots=True)
class FittedLifetime:
    """times, survival, low, high: Kaplan–Meier with its 95 % interval. cox: where what is known beside tells something."""

    times: Floats
    survival: Floats
    low: Floats
    high: Floats
    n: int
    ended: int
    cox: Cox | None = None
    warnings: tuple[Text, ...] = ()
    remarks: tuple[Text, ...] = ()

    def survival_at(self, ages: npt.ArrayLike) -> Floats:
        """Share that lasts longer than each age (Kaplan–Meier); NaN beyond what was observed."""
        asked = np.asarray(ages, dtype=np.float64)
        place = np.searchsorted(self.times, asked, side="right") - 1
        found = np.where(place < 0, 1.0, self.survival[np.maximum(place, 0)])
        return np.where(asked > self.times[-1], np.nan, found)

    def stays(self, age: npt.ArrayLike, days: float, covariates: Any = None) -> Floats:
        """Probability that one that runs at `age` still runs `days` later; NaN where that is beyond what was observed."""
        at, times, hazard, risk = self._of(age, covariates)
        then = at + days
        more = (_steps(times, hazard, then) - _steps(times, hazard, at)) * risk
        return np.where(then > times[-1], np.nan, np.exp(-more))

    def remaining(
        self, age: npt.ArrayLike, covariates: Any = None, level: float = 0.8
    ) -> tuple[Floats, Floats, Floats]:
        """median, low, high: time from now on after which half of those like it have ended, and between which it ends with
        probability `level`; NaN where that is beyond what was observed."""
        at, times, hazard, risk = self._of(age, covariates)
        here = _steps(times, hazard, at)

        def after(share: float) -> Floats:
            place = np.searchsorted(hazard, here - np.log(share) / risk - 1e-12)
            inside = place < len(times)
            return np.where(inside, np.maximum(times[np.minimum(place, len(times) - 1)] - at, 0.0), np.nan)

        return after(0.5), after(0.5 + level / 2), after(0.5 - level / 2)

    def state(self) -> dict[str, Any]:
        """For JSON."""
        cox = None
        if self.cox is not None:
            cox = {
                "coefficients": dict(self.cox.coefficients), "standard_errors": dict(self.cox.standard_errors),
                "means": dict(self.cox.means), "times": self.cox.times.tolist(), "hazard": self.cox.hazard.tolist(),
                "log_likelihood": self.cox.log_likelihood, "concordance": self.cox.concordance,
            }  # fmt: skip
        curves = {name: getattr(self, name).tolist() for name in ("times", "survival", "low", "high")}
        return {**curves, "n": self.n, "ended": self.ended, "cox": cox}

    @staticmethod
    def of_state(state: Mapping[str, Any]) -> "FittedLifetime":
        """Read back."""
        times, survival, low, high = (
            np.array(state[name], np.float64) for name in ("times", "survival", "low", "high")
        )
        known = state["cox"]
        cox = (
            None
            if known is None
            else Cox(**{**known, "times": np.array(known["times"]), "hazard": np.array(known["hazard"])})
        )
        return FittedLifetime(times, survival, low, high, state["n"], state["ended"], cox)

    def _of(self, age: npt.ArrayLike, covariates: Any) -> tuple[Floats, Floats, Floats, Floats]:
        at = np.asarray(age, dtype=np.float64)
        if self.cox is None or covariates is None:
            with np.errstate(divide="ignore"):
                return at, self.times, -np.log(self.survival), np.ones(len(at))
        return at, self.cox.times, self.cox.hazard, np.exp(self.cox.log_risk(covariates))


@dataclass(frozen=True, slots=True)
class ContractLifetime:
    """`ContractLifetime().fit(duration, ended, covariates=frame).remaining(age, frame_of_those)`.

    most: contracts that Cox regression is fitted on at most; more are drawn.
    """

    most: int = MOST_ROWS
    seed: int = 1

    def fit(
        self,
        duration: npt.ArrayLike,
        ended: npt.ArrayLike,
        *,
        entry: npt.ArrayLike | None = None,
        covariates: Any = None,
    ) -> FittedLifetime:
        """duration: age at the end or now; ended: whether it has ended; entry: age from which it was under observation.

        Ties by Efron's method. InputError for ages that cannot be, and for too few that ended.
        """
        lasted, over = np.asarray(duration, np.float64), np.asarray(ended).astype(bool)
        came = None if entry is None else np.asarray(entry, np.float64)
        _check(lasted, over, came)
        lifelines = _lifelines()
        curve = lifelines.KaplanMeierFitter().fit(lasted, over, entry=came)
        bounds = curve.confidence_interval_survival_function_.to_numpy()
        times = curve.survival_function_.index.to_numpy(dtype=np.float64)
        survival = curve.survival_function_.to_numpy(dtype=np.float64)[:, 0]
        warnings: list[Text] = []
        remarks: list[Text] = []
        cox = None
        if covariates is not None:
            cox = self._cox(lifelines, lasted, over, came, covariates, warnings, remarks)
        fitted = FittedLifetime(
            times,
            survival,
            bounds[:, 0],
            bounds[:, 1],
            len(lasted),
            int(over.sum()),
            cox,
            tuple(warnings),
            tuple(remarks),
        )
        apart = _apart(fitted, covariates) if cox is not None and came is None else 0.0
        if apart <= _FAR:
            return fitted
        return replace(fitted, warnings=(*warnings, _APART.fill(points=said.points(apart))))

    def _cox(
        self, lifelines: Any, lasted: Floats, over: npt.NDArray[np.bool_], came: Floats | None, covariates: Any,
        warnings: list[Text], remarks: list[Text],
    ) -> Cox | None:  # fmt: skip
        import pandas as pd

        rows = np.arange(len(lasted))
        if len(rows) > self.most:
            rows = np.sort(np.random.default_rng(self.seed).choice(len(rows), self.most, replace=False))
            warnings.append(_SAMPLED.fill(most=said.count(self.most), n=said.count(len(lasted))))
        wide = _wide(covariates).iloc[rows]
        wide = wide.loc[:, wide.std() > 0]
        frame = wide.assign(**{"duration ": lasted[rows], "ended ": over[rows]})
        named = {"entry_col": "entry "} if came is not None else {}
        if came is not None:
            frame["entry "] = came[rows]
        if wide.shape[1] == 0:
            return None
        try:
            found = lifelines.CoxPHFitter().fit(frame, "duration ", "ended ", **named)
        except Exception as error:
            if not type(error).__module__.startswith(("lifelines", "numpy")):
                raise
            warnings.append(_NOT_FOUND)
            return None
        if found.log_likelihood_ratio_test().test_statistic <= 2 * wide.shape[1]:
            remarks.append(_NO_HELP)
            return None
        baseline = found.baseline_cumulative_hazard_
        return Cox(
            {str(name): float(value) for name, value in found.params_.items()},
            {str(name): float(value) for name, value in found.standard_errors_.items()},
            {str(name): float(pd.to_numeric(wide[name]).mean()) for name in found.params_.index},
            baseline.index.to_numpy(dtype=np.float64),
            baseline.to_numpy(dtype=np.float64)[:, 0],
            float(found.log_likelihood_),
            float(found.concordance_index_),
        )


def _check(lasted: Floats, over: npt.NDArray[np.bool_], came: Floats | None) -> None:
    wrong = ~np.isfinite(lasted) | (lasted < 0) | (np.zeros(len(lasted), bool) if came is None else came >= lasted)
    if len(over) != len(lasted) or wrong.any():
        raise InputError(
            "lifetimes_wrong",
            Text(
                "{n} contracts have no age, a negative one, or one that lies before they were first seen (row {row}).",
                "{n} Verträge haben kein Alter, ein negatives oder eines vor der ersten Beobachtung (Zeile {row}).",
            ).fill(n=int(wrong.sum()), row=int(np.flatnonzero(wrong)[0]) + 1 if wrong.any() else "–"),
            Text("Correct these rows.", "Diese Zeilen berichtigen."),
        )
    if over.sum() < LEAST_ENDED:
        raise InputError(
            "too_few_ended",
            Text(
                "Contracts that have ended: {n}; {least} are needed to say how long they last.",
                "Beendete Verträge: {n}; um zu sagen, wie lange sie halten, sind {least} nötig.",
            ).fill(n=int(over.sum()), least=LEAST_ENDED),
            Text("Wait for more, or take a longer time.", "Mehr abwarten oder einen längeren Zeitraum nehmen."),
        )


def _wide(covariates: Any) -> Any:
    """Numbers, and a column per word but the first one. Unknown numbers take the mean."""
    import pandas as pd

    frame = _frame_of(covariates).reset_index(drop=True)
    words = [name for name in frame.columns if not pd.api.types.is_numeric_dtype(frame[name])]
    wide = pd.get_dummies(frame, columns=words, prefix_sep="=", drop_first=True, dtype=float).astype(float)
    return wide.fillna(wide.mean()).fillna(0.0)


def _expanded(covariates: Any, names: list[str]) -> Floats:
    """The columns of a fit from a frame: a word that is not known there counts as the first one."""
    frame = _frame_of(covariates)
    found = np.zeros((len(frame), len(names)))
    for at, name in enumerate(names):
        column, mark, word = name.rpartition("=")
        if mark and column in frame.columns:
            found[:, at] = (frame[column].astype(str) == word).to_numpy(dtype=float)
        else:
            values = frame[name].to_numpy(dtype=float)
            found[:, at] = np.where(np.isnan(values), 0.0 if np.isnan(values).all() else np.nanmean(values), values)
    return found


def _apart(fitted: FittedLifetime, covariates: Any) -> float:
    """Largest distance of the mean survival by Cox from Kaplan–Meier's, at quarters of the times at which contracts ended."""
    assert fitted.cox is not None
    risk = np.exp(fitted.cox.log_risk(covariates))
    drops = fitted.times[1:][np.diff(fitted.survival) < 0]
    ages = np.quantile(drops, _TIMES)
    mean = [float(np.exp(-_steps(fitted.cox.times, fitted.cox.hazard, np.full(1, age)) * risk).mean()) for age in ages]
    return float(np.abs(np.array(mean) - fitted.survival_at(ages)).max())


def _frame_of(covariates: Any) -> Any:
    import pandas as pd

    return covariates if isinstance(covariates, pd.DataFrame) else pd.DataFrame(covariates)


def _steps(times: Floats, hazard: Floats, ages: Floats) -> Floats:
    """Cumulative hazard at ages: a step at each time."""
    place = np.searchsorted(times, ages, side="right") - 1
    return np.where(place < 0, 0.0, hazard[np.maximum(place, 0)])


def _lifelines() -> Any:
    try:
        import lifelines
    except ImportError as error:
        raise SetupError(
            "package_missing",
            Text("The package {name} is not installed.", "Das Paket {name} ist nicht installiert.").fill(
                name="lifelines"
            ),
            Text("Install it with: pip install 'schwung[models]'", "Installieren mit: pip install 'schwung[models]'"),
        ) from error
    return lifelines
