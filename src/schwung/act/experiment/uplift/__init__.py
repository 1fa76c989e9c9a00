"""Whom an action moves: learned from the control groups of experiments, judged by Qini, and said when nothing is to be learned."""

from schwung.act.experiment.uplift.judged import Drawn, Judged, Uplift, learn
from schwung.act.experiment.uplift.qini import Curve, curve

__all__ = ["Curve", "Drawn", "Judged", "Uplift", "curve", "learn"]
