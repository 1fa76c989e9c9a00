"""E-mail: by SMTP, signed with DKIM where the server does not sign."""

from typing import TYPE_CHECKING

from schwung.act.channel import Outcome, Outgoing, Refused
from schwung.channels.mime import AddressUnusable, Sender, address_on_wire, joined, message_id, write
from schwung.channels.smtp import Pool, Server
from schwung.core.clock import Clock, system_clock

if TYPE_CHECKING:
    from schwung.channels.dkim import Signer


class EmailChannel:
    """Sends by one server as one sender."""

    name = "email"

    def __init__(
        self, server: Server, sender: Sender, signer: "Signer | None" = None, clock: Clock = system_clock
    ) -> None:
        self._sender, self._signer, self._clock = sender, signer, clock
        self._from = address_on_wire(sender.address)
        self._pool = Pool(server)

    def send(self, message: Outgoing) -> Outcome:
        try:
            recipient = address_on_wire(message.address)
        except AddressUnusable as error:
            return Refused("address_unusable", str(error))
        data = self.written(message, recipient)
        return self._pool.send(self._from, recipient, data, message_id(message.key, self._from))

    def written(self, message: Outgoing, recipient: str) -> bytes:
        """The whole e-mail, signed."""
        now = self._clock()
        headers, body = write(message, recipient, self._sender, now)
        if self._signer is not None:
            headers = [("DKIM-Signature", self._signer.sign(headers, body, now)), *headers]
        return joined(headers, body)

    def close(self) -> None:
        self._pool.close()
