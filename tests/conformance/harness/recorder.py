"""A reverse proxy on loopback that keeps every exchange between a client and the simulator."""

from __future__ import annotations

import base64
import http.client
import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}
_OAEP = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)


@dataclass(frozen=True)
class Exchange:
    """A request as it came and the answer as the client got it."""

    method: str
    path: str
    query: str
    request_headers: tuple[tuple[str, str], ...]
    request_body: bytes
    status: int
    answer_headers: tuple[tuple[str, str], ...]
    answer_body: bytes

    def header(self, name: str) -> str | None:
        return _first(self.request_headers, name)

    def answer_header(self, name: str) -> str | None:
        return _first(self.answer_headers, name)

    def json(self) -> dict:
        """The body of the request."""
        return json.loads(self.request_body)

    def answer(self) -> dict:
        """The body of the answer."""
        return json.loads(self.answer_body)

    def __str__(self) -> str:
        return f"{self.method} {self.path} -> {self.status}"


def _hang_up(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True
    # The handler's own files still hold the socket; shutting it down ends the conversation at once.
    handler.connection.shutdown(socket.SHUT_RDWR)


def _first(headers: tuple[tuple[str, str], ...], name: str) -> str | None:
    return next((value for key, value in headers if key.lower() == name.lower()), None)


@dataclass(frozen=True)
class SessionSecret:
    """The key a client wrapped for a session, unwrapped."""

    key: bytes
    vector: bytes

    def decrypt(self, ciphertext: bytes) -> bytes:
        """AES-256-CBC with PKCS#7, by OpenSSL."""
        decryptor = Cipher(algorithms.AES(self.key), modes.CBC(self.vector)).decryptor()
        padded = decryptor.update(ciphertext) + decryptor.finalize()
        unpadder = PKCS7(128).unpadder()
        return unpadder.update(padded) + unpadder.finalize()


class Eavesdropper:
    """Stands between a client and KSeF's public key, so that what the client encrypts can be read and still arrives.

    It answers with a certificate of its own where the client asks for KSeF's; the session key it thus receives it
    wraps anew for the real one.
    """

    def __init__(self) -> None:
        self._own = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Eavesdropper of a test")])
        now = datetime.now(timezone.utc)
        self._certificate = (
            x509.CertificateBuilder(name, name, self._own.public_key(), x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=30))
            .sign(self._own, hashes.SHA256())
        )
        self._real: tuple[str, object] | None = None
        self.secrets: dict[str, SessionSecret] = {}

    def answer(self, path: str, body: bytes) -> bytes:
        """Swaps the certificate for session keys."""
        if not path.endswith("/security/public-key-certificates"):
            return body
        listed = json.loads(body)
        usable = [entry for entry in listed if "SymmetricKeyEncryption" in entry["usage"]]
        newest = max(usable, key=lambda entry: entry["validFrom"])
        real = x509.load_der_x509_certificate(base64.b64decode(newest["certificate"]))
        self._real = (newest["publicKeyId"], real.public_key())
        for entry in usable:
            entry["certificate"] = base64.b64encode(self._certificate.public_bytes(Encoding.DER)).decode()
        return json.dumps(listed).encode()

    def request(self, path: str, body: bytes) -> bytes:
        """Unwraps a session key with our key and wraps it with the real one."""
        if not path.endswith(("/sessions/batch", "/sessions/online")):
            return body
        assert self._real is not None, "a session was opened before the public keys were fetched"
        opened = json.loads(body)
        encryption = opened["encryption"]
        key = self._own.decrypt(base64.b64decode(encryption["encryptedSymmetricKey"]), _OAEP)
        vector = base64.b64decode(encryption["initializationVector"])
        self._pending = SessionSecret(key, vector)
        encryption["encryptedSymmetricKey"] = base64.b64encode(self._real[1].encrypt(key, _OAEP)).decode()
        return json.dumps(opened).encode()

    def opened(self, reference: str) -> None:
        """Files the secret under the session it opened."""
        self.secrets[reference] = self._pending


class Recorder:
    """The proxy. Addresses in answers are rewritten, so that uploads and downloads pass through it as well."""

    def __init__(self, origin: str, eavesdropper: Eavesdropper | None = None) -> None:
        self._upstream = urlsplit(origin)
        self.exchanges: list[Exchange] = []
        self.eavesdropper = eavesdropper
        # A test may put another body in the place of an answer's, by its path.
        self.replace_answer: Callable[[str, bytes], bytes] = lambda _path, body: body
        # A test may have the connection cut after KSeF did what was asked, before the client learns of it.
        self.lose_answer: Callable[[Exchange], bool] = lambda _exchange: False
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def _forward(self) -> None:
                recorder._handle(self)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = _forward

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.origin = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def rewritten(self, address: str) -> str:
        """An address of the simulator as the client is to use it."""
        return address.replace(self._upstream.netloc, urlsplit(self.origin).netloc)

    def matching(self, method: str, ending: str) -> list[Exchange]:
        """The exchanges of a method whose path ends so."""
        return [e for e in self.exchanges if e.method == method and e.path.endswith(ending)]

    def _handle(self, handler: BaseHTTPRequestHandler) -> None:
        assert "chunked" not in (handler.headers.get("Transfer-Encoding") or ""), "a chunked request body"
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        parts = urlsplit(handler.path)
        onward = self.eavesdropper.request(parts.path, body) if self.eavesdropper and handler.command == "POST" else body
        headers = {k: v for k, v in handler.headers.items() if k.lower() not in _HOP_BY_HOP}
        if handler.command in ("POST", "PUT"):
            headers["Content-Length"] = str(len(onward))
        connection = http.client.HTTPConnection(self._upstream.hostname, self._upstream.port, timeout=60)
        try:
            connection.request(handler.command, handler.path, onward or None, headers)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            # The simulator hung up: so do we.
            _hang_up(handler)
            return
        finally:
            connection.close()
        content = self.replace_answer(parts.path, content)
        if not answer.getheader("Content-Encoding"):
            content = content.replace(self._upstream.netloc.encode(), urlsplit(self.origin).netloc.encode())
            if self.eavesdropper and answer.status == 200:
                content = self.eavesdropper.answer(parts.path, content)
            if self.eavesdropper and answer.status == 201 and parts.path.endswith(("/sessions/batch", "/sessions/online")):
                self.eavesdropper.opened(json.loads(content)["referenceNumber"])
        exchange = Exchange(
            handler.command,
            parts.path,
            parts.query,
            tuple(handler.headers.items()),
            body,
            answer.status,
            tuple(answer.getheaders()),
            content,
        )
        self.exchanges.append(exchange)
        if self.lose_answer(exchange):
            _hang_up(handler)
            return
        handler.send_response_only(answer.status, answer.reason)
        for key, value in answer.getheaders():
            if key.lower() not in _HOP_BY_HOP:
                handler.send_header(key, value)
        if answer.status != 204:
            handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(content)
