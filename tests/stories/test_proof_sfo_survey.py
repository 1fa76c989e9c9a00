"""Worked page docs/proof/sfo_survey.md: the airport's NPS of 2017, with and without weights, worked out a second time."""

import csv
import math
from collections import Counter
from pathlib import Path

import pytest

from tests import proof
from tests.importing import SHARED, needs_shared

pytestmark = [pytest.mark.shared, needs_shared]
FILE = SHARED / "sfo_survey" / "2017_SFO_Customer_Survey.csv"


def _bounds(promoters: float, detractors: float, size: float) -> tuple[float, float]:
    """Rocks (2016): ¾ of an answer to either end and 3 in all; the variance of +1, 0, −1 with these shares."""
    top, bottom = (promoters * size + 0.75) / (size + 3), (detractors * size + 0.75) / (size + 3)
    mean = top - bottom
    variance = top * (1 - mean) ** 2 + bottom * (1 + mean) ** 2 + (1 - top - bottom) * mean**2
    half = proof.Z * math.sqrt(variance / (size + 3))
    return 100 * (mean - half), 100 * (mean + half)


def test_nps_of_2017_with_and_without_weights(tmp_path: Path) -> None:
    with FILE.open(encoding="latin-1", newline="") as file:
        people = [(row["NETPRO"], float(row["WEIGHT"])) for row in csv.DictReader(file)]
    shop = proof.workspace(tmp_path / "sfo", "America/Los_Angeles", "USD", "2017-05-31")
    assert proof.take(shop, FILE, proof.EXAMPLES / "sfo_survey" / "answers.yaml") == len(people)

    counts = Counter(mark for mark, _ in people)
    n = sum(counts[str(mark)] for mark in range(11))
    top, bottom = (sum(counts[str(mark)] for mark in marks) for marks in ((9, 10), range(7)))
    plain = proof.figure(shop, "nps")
    assert plain == ("score", *map(pytest.approx, (100 * (top - bottom) / n, *_bounds(top / n, bottom / n, n))), n)
    assert len(people) - n == counts["11"] + counts[""]  # what was left blank is in no denominator

    marked = [(int(mark), weight) for mark, weight in people if mark not in ("11", "")]
    whole = math.fsum(weight for _, weight in marked)
    size = whole**2 / math.fsum(weight**2 for _, weight in marked)
    top_share = math.fsum(weight for mark, weight in marked if mark > 8) / whole
    bottom_share = math.fsum(weight for mark, weight in marked if mark < 7) / whole
    wanted = (100 * (top_share - bottom_share), *_bounds(top_share, bottom_share, size))
    weighted = proof.figure(shop, "nps_weighted")
    assert weighted == ("score", *map(pytest.approx, wanted), n)
    proof.check_told("sfo_survey", [plain, weighted])
    shop.store.close()
