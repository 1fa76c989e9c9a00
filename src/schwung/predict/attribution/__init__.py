"""Attribution: which touches earned the sales, by stated rules. Description of what happened, never the effect of a channel.

`from schwung.predict import attribute; attribute(["a > b", "b"], conversions=[4, 6], nulls=[10, 3])`.
"""

from schwung.predict.attribution.attribute import attribute
from schwung.predict.attribution.credits import Attribution, ChannelCredit
from schwung.predict.attribution.rules import RULES

__all__ = ["RULES", "Attribution", "ChannelCredit", "attribute"]
