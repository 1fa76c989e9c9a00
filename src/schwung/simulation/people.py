"""Names, addresses and identifiers of simulated customers. Nobody of them exists: reserved domains, unassigned numbers."""

import hashlib
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schwung.simulation.draws import Flags, Ints, choose, generator
from schwung.simulation.laws import Laws

FIRST_NAMES = (
    "Anna", "Ben", "Cem", "Helga", "Jürgen", "Maria", "Peter", "Sabine", "Thomas", "Ursula", "Michael", "Monika",
    "Stefan", "Petra", "Andreas", "Claudia", "Wolfgang", "Birgit", "Klaus", "Karin", "Lukas", "Leonie", "Paul",
    "Emma", "Jonas", "Mia", "Felix", "Hannah", "Finn", "Lea", "Maximilian", "Sophie", "Leon", "Lina", "Elias",
    "Marie", "Noah", "Clara", "Aylin", "Mehmet", "Elif", "Emre", "Ewa", "Piotr", "Katarzyna", "Nadia", "Omar",
    "Sofia", "Matteo", "Claire", "Mette", "Oskar", "Ingrid", "Tomáš", "Jana", "Rolf", "Gudrun", "Dieter",
    "Renate", "Heinz", "Ilse", "Kurt", "Erika", "Uwe", "Silke", "Torsten", "Anke", "Björn", "Frauke", "Sönke",
    "Antje", "Nils", "Wiebke", "Till", "Johanna", "Fritz", "Greta",
)  # fmt: skip
LAST_NAMES = (
    "Müller", "Schmidt", "Schneider", "Fischer", "Weber", "Meyer", "Wagner", "Becker", "Schulz", "Hoffmann",
    "Schäfer", "Koch", "Bauer", "Richter", "Klein", "Wolf", "Schröder", "Neumann", "Schwarz", "Zimmermann",
    "Braun", "Krüger", "Hofmann", "Hartmann", "Lange", "Schmitt", "Werner", "Krause", "Meier", "Lehmann",
    "Schmid", "Schulze", "Maier", "Köhler", "Herrmann", "König", "Walter", "Mayer", "Huber", "Kaiser", "Fuchs",
    "Peters", "Lang", "Scholz", "Möller", "Weiß", "Jung", "Hahn", "Schubert", "Vogel", "Friedrich", "Keller",
    "Günther", "Frank", "Berger", "Winkler", "Roth", "Beck", "Lorenz", "Baumann", "Franke", "Albrecht",
    "Schuster", "Simon", "Ludwig", "Böhm", "Winter", "Kraus", "Martin", "Schumacher", "Krämer", "Vogt", "Stein",
    "Jäger", "Otto", "Sommer", "Groß", "Seidel", "Heinrich", "Brandt", "Haas", "Schreiber", "Graf", "Dietrich",
    "Ziegler", "Kuhn", "Kühn", "Pohl", "Engel", "Horn", "Busch", "Bergmann", "Thomas", "Voigt", "Sauer", "Arnold",
    "Wolff", "Pfeiffer", "Yılmaz", "Kaya", "Demir", "Kowalska", "Nowak", "Novák", "Haddad", "Conti", "Dubois",
    "Olsen", "Lindqvist", "Steiner", "Maaß", "Gruber", "Egger", "Moser", "Leitner", "Frei", "Baumgartner",
)  # fmt: skip
# City, postal code, country, weight.
CITIES = (
    ("Berlin", "10115", "DE", 37), ("Hamburg", "20095", "DE", 19), ("München", "80331", "DE", 15), ("Köln", "50667", "DE", 11),
    ("Frankfurt am Main", "60311", "DE", 8), ("Stuttgart", "70173", "DE", 6), ("Düsseldorf", "40213", "DE", 6),
    ("Leipzig", "04109", "DE", 6), ("Dortmund", "44135", "DE", 6), ("Essen", "45127", "DE", 6), ("Bremen", "28195", "DE", 6),
    ("Dresden", "01067", "DE", 6), ("Hannover", "30159", "DE", 5), ("Nürnberg", "90402", "DE", 5), ("Bochum", "44787", "DE", 4),
    ("Bielefeld", "33602", "DE", 3), ("Bonn", "53111", "DE", 3), ("Münster", "48143", "DE", 3), ("Freiburg", "79098", "DE", 2),
    ("Kiel", "24103", "DE", 2), ("Rostock", "18055", "DE", 2), ("Konstanz", "78462", "DE", 1), ("Lüneburg", "21335", "DE", 1),
    ("Wien", "1010", "AT", 14), ("Graz", "8010", "AT", 3), ("Linz", "4020", "AT", 2), ("Salzburg", "5020", "AT", 2),
    ("Innsbruck", "6020", "AT", 1), ("Zürich", "8001", "CH", 5), ("Basel", "4001", "CH", 2), ("Bern", "3011", "CH", 2),
    ("Luzern", "6003", "CH", 1),
)  # fmt: skip
_FIRST = 100_000
DOMAINS = ("example.org", "example.com", "example.net", "mail.example", "post.example")
_PLAIN = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "š": "s", "á": "a", "ı": "i", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"}
)


@dataclass(frozen=True, slots=True)
class People:
    """Texts of one block, a row a customer: arrays of strings. `phone` is null where none was given."""

    first_name: pa.Array
    last_name: pa.Array
    city: pa.Array
    postal_code: pa.Array
    country: pa.Array
    user_id: pa.Array
    email: pa.Array
    phone: pa.Array
    card: pa.Array
    devices: tuple[pa.Array, pa.Array]


class Numbered(Protocol):
    """Whoever has numbers of customers, such as a population."""

    @property
    def number(self) -> Ints: ...


def people_of(laws: Laws, population: Numbered, block_no: int) -> People:
    """Names and identifiers, each of them the customer's own, of a block."""
    chance = generator(laws.seed, block_no, "people")
    size = len(population.number)
    first, last = (_skewed(chance, len(names), size) for names in (FIRST_NAMES, LAST_NAMES))
    town = choose(chance, np.array([weight for *_, weight in CITIES], dtype=float), size)
    domain = chance.integers(0, len(DOMAINS), size)
    has_phone = chance.random(size) < 0.3
    number = pa.array(population.number + _FIRST).cast(pa.string())
    plain = [pa.array([name.translate(_PLAIN).lower() for name in names]) for names in (FIRST_NAMES, LAST_NAMES)]
    local = pc.binary_join_element_wise(plain[0].take(pa.array(first)), plain[1].take(pa.array(last)), number, ".")
    return People(
        first_name=pa.array(FIRST_NAMES).take(pa.array(first)),
        last_name=pa.array(LAST_NAMES).take(pa.array(last)),
        city=pa.array([name for name, *_ in CITIES]).take(pa.array(town)),
        postal_code=pa.array([code for _, code, *_ in CITIES]).take(pa.array(town)),
        country=pa.array([country for _, _, country, _ in CITIES]).take(pa.array(town)),
        user_id=_joined("K-", number),
        email=pc.binary_join_element_wise(local, pa.array(DOMAINS).take(pa.array(domain)), "@"),
        phone=pc.if_else(pa.array(has_phone), _phones(population.number), pa.scalar(None, pa.string())),
        card=_joined("KH", number),
        devices=(_devices(laws, population.number, 0), _devices(laws, population.number, 1)),
    )


def number_of(email: str) -> int | None:
    """Whose address it is; None: of nobody here."""
    written = email.partition("@")[0].rpartition(".")[2]
    return int(written) - _FIRST if written.isdecimal() and int(written) >= _FIRST else None


def _joined(prefix: str, values: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(pa.scalar(prefix), values, "")


def _skewed(chance: np.random.Generator, names: int, size: int) -> Ints:
    return (chance.random(size) ** 1.4 * names).astype(np.int64)


def _phones(number: Ints) -> pa.Array:
    """+49 199 …: a German range for use within networks; no telephone has such a number."""
    return _joined("+49199", pa.array(number + 10_000_000).cast(pa.string()))


def _devices(laws: Laws, number: Ints, nth: int) -> pa.Array:
    """Anonymous ids in the form of a UUID, unique per seed, customer and device."""
    digests = (
        hashlib.md5(f"{laws.seed}/{one}/{nth}".encode(), usedforsecurity=False).hexdigest() for one in number.tolist()
    )
    return pa.array([f"{hash_[:8]}-{hash_[8:12]}-4{hash_[13:16]}-8{hash_[17:20]}-{hash_[20:]}" for hash_ in digests])


def used(condition: Flags, values: pa.Array) -> pa.Array:
    """The values where the condition holds, else null."""
    return pc.if_else(pa.array(condition), values, pa.scalar(None, pa.string()))
