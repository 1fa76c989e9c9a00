"""Something that happens to customers, by name: a part of the stream before it is put together."""

from dataclasses import dataclass

from schwung.simulation.draws import Floats, Ints


@dataclass(frozen=True, slots=True)
class Happenings:
    """One row an event. owner: row of the customer. happened: days from the start. value, order, product, campaign: as in
    the stream; None where there is none."""

    name: str
    owner: Ints
    happened: Floats
    value: Ints | None = None
    order: Ints | None = None
    product: Ints | None = None
    campaign: Ints | None = None

    def before(self, days: float) -> "Happenings":
        """Those that happen before the end."""
        seen = self.happened < days
        rest = (
            None if column is None else column[seen] for column in (self.value, self.order, self.product, self.campaign)
        )
        return Happenings(self.name, self.owner[seen], self.happened[seen], *rest)
