"""A local receiver in the place of the chat services: an HTTPS proxy that answers for them.

The requests are the real ones, made for the services' own hosts; they go through the proxy that
HTTPS_PROXY names and end here, behind a certificate of our own.
"""

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import Process, Queue
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOSTS = ("oapi.dingtalk.com", "open.feishu.cn", "qyapi.weixin.qq.com", "hooks.slack.com")
Received = dict[str, Any]


class Receiver(BaseHTTPRequestHandler):
    """Takes the tunnel and the request in it; answers as each service does when all is well."""

    protocol_version = "HTTP/1.1"
    received: "Queue[Received]"
    status = 200
    certificate: Path

    def do_CONNECT(self) -> None:
        self.send_response(200)
        self.end_headers()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        self.host = self.path.partition(":")[0]
        self.connection = context.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb")
        self.handle_one_request()
        self.close_connection = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        told = {"host": self.host, "path": self.path, "type": self.headers["Content-Type"]}
        self.received.put(told | {"body": json.loads(body)})
        slack = self.host == "hooks.slack.com"
        answer = b"ok" if slack else b'{"errcode": 0, "errmsg": "ok", "StatusCode": 0, "code": 0}'
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
        self.wfile.flush()

    def log_message(self, *_: Any) -> None:
        """Nothing on stderr."""


def certificate(folder: Path) -> Path:
    """Key and self-signed certificate for the services' hosts, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "xuxie tests")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(map(x509.DNSName, HOSTS)), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "receiver.pem"
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    return path


def serve(pem: Path, status: int, address: "Queue[int]", received: "Queue[Received]") -> None:
    told = {"received": received, "certificate": pem, "status": status}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Told", (Receiver,), told))
    address.put(server.server_port)
    server.serve_forever()


@contextmanager
def receiving(pem: Path, status: int = 200) -> Iterator[tuple[str, "Queue[Received]"]]:
    """Its address, as HTTPS_PROXY wants it, and what it receives."""
    address: Queue[int] = Queue()
    received: Queue[Received] = Queue()
    process = Process(target=serve, args=(pem, status, address, received))
    process.start()
    try:
        yield f"http://127.0.0.1:{address.get(timeout=60)}", received
    finally:
        process.terminate()
        process.join()
