"""Money is an integer of minor units and an ISO 4217 currency. Rounded half up, once per line."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

# Currencies whose minor unit is not a hundredth (ISO 4217, list one).
EXPONENTS = {
    **dict.fromkeys(
        (
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}


def exponent_of(currency: str) -> int:
    """Digits after the point: 2 for EUR, 0 for JPY, 3 for KWD."""
    return EXPONENTS.get(currency, 2)


def to_minor(amount: Decimal | str | int, currency: str) -> int:
    """Minor units of an amount in major units, rounded half away from zero. ValueError for what is no finite number."""
    try:
        value = Decimal(amount)
    except InvalidOperation as error:
        raise ValueError(f"not a number: {amount!r}") from error
    if not value.is_finite():
        raise ValueError(f"not a finite number: {amount!r}")
    return int(value.scaleb(exponent_of(currency)).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def to_major(amount_minor: int, currency: str) -> Decimal:
    return Decimal(amount_minor).scaleb(-exponent_of(currency))
