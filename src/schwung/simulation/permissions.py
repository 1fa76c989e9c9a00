"""What customers allowed, and what the shop can prove of it: not every newsletter address was taken in properly."""

from dataclasses import dataclass

from schwung.simulation.customers import Population
from schwung.simulation.draws import Flags, generator
from schwung.simulation.laws import Laws


@dataclass(frozen=True, slots=True)
class Permissions:
    """One row a customer of a block. proved: the newsletter was confirmed by the person; of the others who agreed the shop
    has no proof. measured: agreed that openings and clicks are recorded. noticed: told at the first order of § 7 (3) UWG.
    """

    proved: Flags
    measured: Flags
    noticed: Flags


def permissions(laws: Laws, people: Population, block_no: int) -> Permissions:
    """Drawn for themselves, so that nothing else of the shop depends on them."""
    chance, known = generator(laws.seed, block_no, "permissions"), laws.relationship
    proved, measured, noticed = chance.random((3, len(people)))
    is_proved = people.agreed & (proved >= known.unproved_share)
    return Permissions(
        is_proved, is_proved & (measured < known.measured_share), ~people.is_guest & (noticed < known.noticed_share)
    )
