"""schwung: the whole customer relationship in one system.

The notebook door: `shop = schwung.open("PATH")`, then `shop.measure("repeat_purchase_rate", by="month").to_pandas()`
and `shop.table("orders")`.
"""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["__version__", "open"]

if TYPE_CHECKING:
    from schwung.app.shop import open


def __getattr__(name: str) -> Any:
    if name == "open":
        from schwung.app.shop import open

        return open
    raise AttributeError(f"module 'schwung' has no attribute {name!r}")
