"""An HTTP proxy that misbehaves as told: `python faulty_proxy.py PORT TARGET_PORT`.

PUT /behave with JSON {"kind": ..., "path": ..., "times": ...} says how it treats the next `times`
requests whose path matches the expression `path`:
    pass   forwards them,
    slow   forwards them after `seconds`,
    error  answers 500 and forwards nothing,
    drop   forwards them and closes the connection without the answer.
"""

import http.client
import json
import re
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PASSED_ON = {"content-type", "content-length", "authorization"}


class Behaviour:
    """What is still to be done to whom; GET /behave counts what was done."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.order: dict[str, Any] = {"kind": "pass", "path": "", "times": 0}
        self.done = 0

    def set(self, order: dict[str, Any]) -> None:
        with self.lock:
            self.order, self.done = order, 0

    def for_request(self, path: str) -> str:
        with self.lock:
            if not re.search(self.order["path"], path) or self.done >= self.order["times"]:
                return "pass"
            self.done += 1
            return str(self.order["kind"])


class Handler(BaseHTTPRequestHandler):
    behaviour = Behaviour()
    target = 0

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/behave":
            self.behave(body)
            return
        kind = self.behaviour.for_request(self.path)
        if kind == "error":
            self.answer(500, {}, b"<html>out of order</html>")
            return
        if kind == "slow":
            time.sleep(self.behaviour.order["seconds"])
        reply = self.forwarded(body)
        if kind != "drop":
            self.answer(*reply)
        self.close_connection = True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

    def behave(self, body: bytes) -> None:
        if self.command == "PUT":
            self.behaviour.set(json.loads(body))
        self.answer(200, {}, str(self.behaviour.done).encode())

    def forwarded(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        headers = {k: v for k, v in self.headers.items() if k.lower() in PASSED_ON}
        connection = http.client.HTTPConnection("127.0.0.1", self.target, timeout=60)
        try:
            connection.request(self.command, self.path, body, headers)
            reply = connection.getresponse()
            kept = {k: v for k, v in reply.getheaders() if k.lower() == "content-type"}
            return reply.status, kept, reply.read()
        except OSError:
            return 502, {}, b"nobody there"
        finally:
            connection.close()

    def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


if __name__ == "__main__":
    Handler.target = int(sys.argv[2])
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
