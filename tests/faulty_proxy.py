"""A proxy that fails on purpose: refuses, or cuts the connection before or after the server has stored the events."""

import http.client
import threading
from collections import Counter
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

Fault = Literal["429", "503", "cut before", "cut after", "pass"]


class FaultyProxy:
    """Meets the n-th request with the n-th fault; what comes later passes.

    `cut after`: the server has the events and has answered, the client hears nothing and must send them again.
    """

    def __init__(self, port: int, faults: Sequence[Fault]) -> None:
        self.met: Counter[str] = Counter()
        left, lock, met = list(faults), threading.Lock(), self.met

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                with lock:
                    fault = left.pop(0) if left else "pass"
                    met[fault] += 1
                if fault == "cut before":
                    return self.cut()
                if fault in ("429", "503"):
                    return self.answer(int(fault), b'{"code": "later", "message": "later"}', {"Retry-After": "1"})
                onward = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                headers = {
                    name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")
                }
                onward.request("POST", self.path, body, headers)
                response = onward.getresponse()
                content = response.read()
                onward.close()
                if fault == "cut after":
                    return self.cut()
                return self.answer(response.status, content, {"Content-Type": response.headers["content-type"]})

            def answer(self, status: int, content: bytes, headers: dict[str, str]) -> None:
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def cut(self) -> None:
                self.close_connection = True
                self.connection.close()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
