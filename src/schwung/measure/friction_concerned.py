"""Whom an outflow of a period concerns, one by one: for saved lists."""

from collections.abc import Sequence

import ibis.expr.types as ir
from ibis import _

from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.measure import friction_carts, friction_deliveries, friction_referrals
from schwung.measure.friction_carts import CARTS
from schwung.measure.friction_late import LATE, RETURNED
from schwung.measure.friction_referrals import NOT_ASKED
from schwung.measure.rolling import Windows
from schwung.measure.scope import Scope

TITLES = {words.name: words.title for words in (CARTS, LATE, RETURNED, NOT_ASKED)}


def concerned(scope: Scope, windows: Windows, name: str, campaigns: Sequence[str]) -> ir.Table:
    """customer_id, each once. InputError for an outflow that there is not."""
    since, until = windows.now
    if name == CARTS.name:
        rows = friction_carts.left(scope, windows)
    elif name == NOT_ASKED.name:
        rows = friction_referrals.promoters(scope, campaigns).filter(_.is_hit)
    elif name in (LATE.name, RETURNED.name):
        arrived = friction_deliveries.arrivals(scope)
        is_late = arrived.is_late.fill_null(False)
        rows = arrived.filter(is_late).mutate(day=_.delivered_day)
        if name == RETURNED.name:
            rows = arrived.filter(~is_late).mutate(day=_.returned_day)
    else:
        raise InputError(
            "unknown_outflow",
            Text("There is no outflow named “{name}”.", "Einen Abfluss „{name}“ gibt es nicht.").fill(name=name),
            Text("Known: {names}.", "Bekannt: {names}.").fill(names=", ".join(TITLES)),
        )
    return rows.filter(rows.day >= since, rows.day < until).select("customer_id").distinct()
