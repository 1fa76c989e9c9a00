"""The same events as a Segment client would send them: JSON texts, to be stamped with the moment of sending."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from schwung.simulation.block import Block, block_count, simulate_block
from schwung.simulation.event_rows import event_properties
from schwung.simulation.facts import OrderTexts, order_texts
from schwung.simulation.laws import Laws
from schwung.simulation.people import People, people_of
from schwung.simulation.seasons import season
from schwung.simulation.stream import NAMES, SIGHTS

# What the e-commerce spec calls them; the others keep our names.
_SPOKEN: Mapping[str, str] = {
    "product_viewed": "Product Viewed",
    "product_added": "Product Added",
    "checkout_started": "Checkout Started",
    "order_completed": "Order Completed",
    "order_refunded": "Order Refunded",
}


@dataclass(frozen=True, slots=True)
class Message:
    """A JSON object without its end: the sender adds messageId and timestamp and closes it."""

    head: str

    def at(self, timestamp: str, message_id: str) -> str:
        return f'{self.head},"timestamp":"{timestamp}","messageId":"{message_id}"}}'


def messages(laws: Laws, run: str) -> Iterator[Message]:
    """Without end, block after block, in the order of time within each. run: makes order numbers unique among runs."""
    calendar = season(laws)
    block_no = 0
    while True:
        block = simulate_block(laws, block_no % block_count(laws), calendar)
        people = people_of(laws, block.people, block.block_no)
        texts = order_texts(block, f"{run}{block_no}-")
        yield from _of_block(laws, block, people, texts)
        block_no += 1


def _of_block(laws: Laws, block: Block, people: People, texts: OrderTexts) -> Iterator[Message]:
    properties = event_properties(laws, block, texts, has_moments=False).to_pylist()
    heads = _heads(block, people)
    stream = block.stream
    columns = zip(stream.name.tolist(), stream.owner.tolist(), stream.sight.tolist(), properties, strict=True)
    for name, owner, sight, text in columns:
        who = heads[SIGHTS[sight]][owner]
        spoken = NAMES[name]
        if spoken == "page_viewed":
            yield Message(f'{{"type":"page",{who},"properties":{text}')
        elif spoken == "profile_identified":
            yield Message(f'{{"type":"identify",{who},"traits":{heads["traits"][owner]}')
        else:
            yield Message(f'{{"type":"track","event":"{_SPOKEN.get(spoken, spoken)}",{who},"properties":{text}')


def _heads(block: Block, people: People) -> dict[str, list[str]]:
    """Who, as members of a JSON object, for each sight and customer."""
    users, emails, cards = people.user_id.to_pylist(), people.email.to_pylist(), people.card.to_pylist()
    devices = [column.to_pylist() for column in people.devices]
    context = [
        '"context":{"consent":{"categoryPreferences":{"analytics":true}},"traits":{' + f'"email":"{one}"' + "}}"
        for one in emails
    ]
    anonymous = '"context":{"consent":{"categoryPreferences":{"analytics":true}}}'
    rows = np.arange(len(block.people)).tolist()
    cities = people.city.to_pylist()
    names = list(zip(people.first_name.to_pylist(), people.last_name.to_pylist(), strict=True))
    return {
        "device_0": [f'"anonymousId":"{devices[0][row]}",{anonymous}' for row in rows],
        "device_1": [f'"anonymousId":"{devices[1][row]}",{anonymous}' for row in rows],
        "user_0": [f'"userId":"{users[row]}","anonymousId":"{devices[0][row]}",{context[row]}' for row in rows],
        "user_1": [f'"userId":"{users[row]}","anonymousId":"{devices[1][row]}",{context[row]}' for row in rows],
        "signup": [f'"anonymousId":"{devices[0][row]}",{context[row]}' for row in rows],
        "card": [f'"anonymousId":"till-{cards[row]}",{anonymous}' for row in rows],
        "card_signup": [f'"anonymousId":"till-{cards[row]}",{context[row]}' for row in rows],
        "nobody": [f'"anonymousId":"till-{users[row]}",{anonymous}' for row in rows],
        "traits": [
            f'{{"first_name":"{names[row][0]}","last_name":"{names[row][1]}","email":"{emails[row]}","city":"{cities[row]}"}}'
            for row in rows
        ],
    }
