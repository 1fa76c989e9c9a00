"""DKIM signatures (RFC 6376): relaxed, SHA-256, by RSA or Ed25519 (RFC 8463)."""

import base64
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from schwung.core.clock import SECOND, Instant
from schwung.core.errors import SetupError
from schwung.core.text import Text

SIGNED = ("from", "to", "subject", "date", "message-id", "reply-to", "mime-version", "content-type", "list-unsubscribe", "list-unsubscribe-post", "list-id")  # fmt: skip
"""Headers that are covered where they stand. From and Subject are named once more, so that none can be added."""
_TWICE = ("from", "subject")
_LEAST_BITS = 1024
_END = "\r\n"


class Signer:
    """One domain's key."""

    def __init__(self, domain: str, selector: str, pem: bytes) -> None:
        """SetupError for what is no usable key."""
        self.domain, self.selector = domain.lower(), selector
        try:
            key = load_pem_private_key(pem, None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise _unusable() from error
        if not isinstance(key, rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey):
            raise _unusable()
        if isinstance(key, rsa.RSAPrivateKey) and key.key_size < _LEAST_BITS:
            raise _unusable()
        self._key = key
        self._algorithm: Literal["rsa-sha256", "ed25519-sha256"] = (
            "rsa-sha256" if isinstance(key, rsa.RSAPrivateKey) else "ed25519-sha256"
        )

    def sign(self, headers: Sequence[tuple[str, str]], body: bytes, now: Instant) -> str:
        """The value of the header DKIM-Signature, which is to stand first."""
        known = {name.lower(): value for name, value in headers}
        names = [name for name in SIGNED if name in known]
        digest = base64.b64encode(hashlib.sha256(relaxed_body(body)).digest()).decode()
        listed = ":".join([*names, *(name for name in _TWICE if name in known)])
        unsigned = (
            f"v=1; a={self._algorithm}; c=relaxed/relaxed; d={self.domain}; s={self.selector};\r\n"
            f" t={now // SECOND}; h={listed};\r\n bh={digest};\r\n b="
        )
        # A name that stands once more than its header stands for nothing: so it is signed as absent.
        covered = "".join(f"{_relaxed(name, known[name])}\r\n" for name in names)
        signature = self._signed((covered + _relaxed("dkim-signature", unsigned)).encode("ascii"))
        encoded = base64.b64encode(signature).decode()
        return unsigned + "\r\n ".join(encoded[at : at + 72] for at in range(0, len(encoded), 72))

    def _signed(self, data: bytes) -> bytes:
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        return self._key.sign(hashlib.sha256(data).digest())


def read_signer(domain: str, selector: str, path: Path) -> Signer:
    """From a PEM file. SetupError when it is missing or unusable."""
    try:
        return Signer(domain, selector, path.read_bytes())
    except OSError as error:
        raise SetupError(
            "dkim_key_missing",
            Text("The DKIM key {path} cannot be read.", "Der DKIM-Schlüssel {path} ist nicht lesbar.").fill(path=path),
            Text("Name its file in the settings: [email] dkim_key.", "Seine Datei in den Einstellungen nennen: [email] dkim_key."),
        ) from error  # fmt: skip


def relaxed_body(body: bytes) -> bytes:
    """Spaces run together, none at the ends of lines, no empty lines at the end."""
    together = re.sub(rb"[ \t]{2,}|\t", b" ", body)
    trimmed = together.replace(b" \r\n", b"\r\n").rstrip(b"\r\n")
    return trimmed.rstrip(b" ") + b"\r\n" if trimmed else b""


def _relaxed(name: str, value: str) -> str:
    unfolded = re.sub(r"[ \t]+", " ", value.replace(_END, ""))
    return f"{name}:{unfolded.strip()}"


def _unusable() -> SetupError:
    return SetupError(
        "dkim_key_unusable",
        Text(
            "The DKIM key is no private RSA or Ed25519 key in a PEM file.",
            "Der DKIM-Schlüssel ist kein privater RSA- oder Ed25519-Schlüssel in einer PEM-Datei.",
        ),
        Text("Make one, for example with: openssl genrsa 2048", "Einen anlegen, etwa mit: openssl genrsa 2048"),
    )
