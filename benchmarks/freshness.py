"""From accepted to visible: in a metric and on the customer's page, while 5,000 events/s come in."""

import json
import time
import uuid
from datetime import UTC, datetime

from benchmarks.figure import Figure, percentile
from benchmarks.running import Server, new_workspace, read_key, sending, serving, write_key

_RATE = 5_000
_LOOK = 0.05
_PATIENCE = 30.0


class _Probe:
    """One order of a new person from a country of its own, looked for by the API until metric and timeline show it."""

    def __init__(self, server: Server, write: str, read: str) -> None:
        self.server = server
        self._write = {"Authorization": f"Bearer {write}", "Content-Type": "application/json"}
        self._read = {"Authorization": f"Bearer {read}"}

    def seconds(self) -> tuple[float, float]:
        """Seconds from the 200 until the metric and until the customer's page show it."""
        mark = f"P{uuid.uuid4().hex[:10]}"
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        event = {
            "event": "Order Completed", "userId": mark, "messageId": uuid.uuid4().hex, "timestamp": now,
            "properties": {"order_id": mark, "subtotal": 10.0, "currency": "EUR", "country": mark},
        }  # fmt: skip
        status, text = self.server.request("POST", "/v1/track", json.dumps(event).encode(), self._write)
        if status != 200:
            raise RuntimeError(f"the probe was refused: {status} {text[:300]!r}")
        began = time.perf_counter()
        looks = {"metric": self._in_metric, "page": self._on_page}
        seen: dict[str, float] = {}
        while len(seen) < len(looks) and time.perf_counter() - began < _PATIENCE:
            for name, look in looks.items():
                if name not in seen and look(mark):
                    seen[name] = time.perf_counter() - began
            time.sleep(_LOOK)
        return seen.get("metric", _PATIENCE), seen.get("page", _PATIENCE)

    def _in_metric(self, mark: str) -> bool:
        status, text = self.server.get(
            f"/api/v1/metrics/orders?by=country&since={datetime.now(UTC).date()}", self._read
        )
        return status == 200 and mark in text.decode()

    def _on_page(self, mark: str) -> bool:
        status, text = self.server.get(f"/api/v1/customers/find?identifier=user_id:{mark}", self._read)
        if status != 200:
            return False
        customer = json.loads(text)["customer_id"]
        status, text = self.server.get(f"/api/v1/customers/{customer}/timeline?limit=20", self._read)
        return status == 200 and mark in text.decode()


def run(repeats: int, scale: str) -> list[Figure]:
    """Each repeat sends for a minute and probes all the while; its figure is the 95th percentile of its probes."""
    length = 60 if scale == "full" else 6
    metric, page, accepted = [], [], []
    with new_workspace() as workspace:
        write, read = write_key(workspace), read_key(workspace)
        with serving(workspace, "--no-console") as server:
            probe = _Probe(server, write, read)
            probe.seconds()
            for number in range(repeats):
                load, sent = sending(server, write, rate=_RATE, seconds=length, seed=number)
                time.sleep(1)
                probes = []
                while load.is_alive():
                    probes.append(probe.seconds())
                load.join()
                accepted.append(sent[0].accepted / sent[0].elapsed)
                metric.append(percentile([one for one, _ in probes], 0.95))
                page.append(percentile([one for _, one in probes], 0.95))
    note = (
        f"at {sum(accepted) / len(accepted):,.0f} accepted events/s; asked every {_LOOK * 1000:.0f} ms through the API"
    )
    return [
        Figure("accepted → visible in a metric, p95", "s", metric, "lower", bar=2.0, note=note),
        Figure("accepted → visible on the customer's page, p95", "s", page, "lower", bar=2.0, note=note),
    ]
