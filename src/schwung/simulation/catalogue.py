"""What the roaster sells: coffees, filters, machines, presents, with price, cost and tax."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from schwung.simulation.draws import Floats, Ints

REDUCED, FULL = 0.07, 0.19


@dataclass(frozen=True, slots=True)
class Product:
    """price_minor: with tax, as on the label. cost_share: cost ÷ price without tax. tastes: who buys it."""

    product_id: str
    name: str
    category: str
    price_minor: int
    cost_share: float
    tax_rate: float
    tastes: tuple[str, ...]

    @property
    def net_minor(self) -> float:
        return self.price_minor / (1 + self.tax_rate)


_ALL = ("espresso", "filter", "decaf", "gift")
# name, price of 250 g, tastes; each also as 500 g and 1000 g.
_COFFEES = (
    ("Hausmischung", 690, ("espresso", "filter")),
    ("Espresso Napoli", 790, ("espresso",)),
    ("Espresso Forte", 840, ("espresso",)),
    ("Crema Sanft", 720, ("espresso", "decaf")),
    ("Äthiopien Yirgacheffe", 990, ("filter", "gift")),
    ("Kolumbien Huila", 890, ("filter",)),
    ("Brasilien Santos", 740, ("espresso", "filter")),
    ("Guatemala Antigua", 930, ("filter",)),
    ("Kenia AA", 1090, ("filter", "gift")),
    ("Sumatra Mandheling", 960, ("espresso",)),
    ("Entkoffeiniert Hausart", 760, ("decaf",)),
    ("Entkoffeiniert Espresso", 820, ("decaf", "espresso")),
    ("Bio Peru", 880, ("filter", "decaf")),
    ("Saisonröstung", 1050, _ALL),
)
_SIZES = ((250, 1.0), (500, 1.87), (1000, 3.45))
# name, category, price, cost share, tax rate, tastes
_OTHERS = (
    ("Probierpaket", "sample", 490, 0.62, REDUCED, _ALL),
    ("Probierpaket groß", "sample", 1490, 0.58, REDUCED, _ALL),
    ("Filterpapier Größe 2", "filter", 249, 0.40, FULL, ("filter", "decaf")),
    ("Filterpapier Größe 4", "filter", 299, 0.40, FULL, ("filter", "decaf")),
    ("Dauerfilter Edelstahl", "filter", 1690, 0.45, FULL, ("filter",)),
    ("Handfilter Porzellan", "filter", 2290, 0.45, FULL, ("filter", "gift")),
    ("French Press 0,8 l", "brewer", 3490, 0.50, FULL, ("filter", "gift")),
    ("Siebkanne Glas", "brewer", 4290, 0.50, FULL, ("filter", "gift")),
    ("Handmühle", "grinder", 5990, 0.52, FULL, ("filter", "gift")),
    ("Elektrische Mühle", "grinder", 14900, 0.60, FULL, ("espresso",)),
    ("Espressokocher", "brewer", 2990, 0.50, FULL, ("espresso", "gift")),
    ("Siebträger Einsteiger", "machine", 39900, 0.68, FULL, ("espresso",)),
    ("Siebträger Duo", "machine", 89900, 0.70, FULL, ("espresso",)),
    ("Kaffeeautomat", "machine", 54900, 0.70, FULL, ("decaf", "espresso")),
    ("Becher Keramik", "tableware", 1290, 0.42, FULL, ("gift", "filter")),
    ("Espressotassen, 2 Stück", "tableware", 1890, 0.42, FULL, ("gift", "espresso")),
    ("Milchkännchen", "tableware", 1590, 0.42, FULL, ("espresso", "gift")),
    ("Entkalker", "care", 690, 0.35, FULL, ("espresso", "decaf")),
    ("Reinigungstabletten", "care", 990, 0.35, FULL, ("espresso", "decaf")),
    ("Dose für 500 g", "tableware", 1490, 0.42, FULL, ("gift", "filter")),
    ("Geschenkkarton", "gift", 590, 0.40, FULL, ("gift",)),
    ("Geschenkkorb klein", "gift", 2990, 0.55, REDUCED, ("gift",)),
    ("Geschenkkorb groß", "gift", 5990, 0.55, REDUCED, ("gift",)),
    ("Kakao", "drink", 650, 0.50, REDUCED, _ALL),
    ("Mandelgebäck", "sweet", 450, 0.48, REDUCED, _ALL),
    ("Schokolade 70 %", "sweet", 320, 0.48, REDUCED, _ALL),
)


def _products() -> tuple[Product, ...]:
    coffees = [
        Product(
            f"C{100 + 10 * number + place}",
            f"{name} {grams} g",
            "coffee",
            int(round(price * factor, -1)) - (1 if place else 0),
            0.46,
            REDUCED,
            tastes,
        )
        for number, (name, price, tastes) in enumerate(_COFFEES)
        for place, (grams, factor) in enumerate(_SIZES)
    ]
    others = [Product(f"Z{500 + number}", *rest) for number, rest in enumerate(_OTHERS)]
    return (*coffees, *others)


PRODUCTS = _products()


@dataclass(frozen=True, slots=True)
class Offers:
    """All lines that somebody of one taste may put into a basket, by value: product × quantity."""

    product: Ints
    quantity: Ints
    net_minor: Floats


@cache
def offers(taste: str) -> Offers:
    """Lines of 1 to 6 pieces (machines one by one), sorted by value without tax, rounded half up once."""
    lines = sorted(
        (np.floor(quantity * product.net_minor + 0.5), index, quantity)
        for index, product in enumerate(PRODUCTS)
        if taste in product.tastes
        for quantity in range(1, 7 if product.price_minor < 10_000 else 2)
    )
    value, index, quantity = (np.array(column) for column in zip(*lines, strict=True))
    return Offers(index.astype(np.int64), quantity.astype(np.int64), value.astype(np.float64))
