"""Experiments from sufficient statistics: effects with intervals, fixed or valid at every look, and the checks before and after."""

from schwung.act.experiment.arm import Arm
from schwung.act.experiment.bounds import lan_demets, obrien_fleming, pocock
from schwung.act.experiment.effect import Effect, effect
from schwung.act.experiment.size import minimum_detectable_effect, sample_ratio, sample_size

__all__ = [
    "Arm",
    "Effect",
    "effect",
    "lan_demets",
    "minimum_detectable_effect",
    "obrien_fleming",
    "pocock",
    "sample_ratio",
    "sample_size",
]
