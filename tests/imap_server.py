"""A real IMAP server, Dovecot, in a folder of its own: with STARTTLS, TLS from the start, and one user."""

import datetime
import grp
import ipaddress
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.waiting import until

USER, PASSWORD = "bounces@shop.example", "pä ss/w@rt%"
_SETTINGS = """
base_dir = {here}/run
state_dir = {here}/run
log_path = {here}/log
protocols = imap
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 0
first_valid_gid = 0
mail_home = {here}/home
mail_location = maildir:{here}/mail
ssl = yes
ssl_cert = <{here}/cert.pem
ssl_key = <{here}/key.pem
auth_failure_delay = 0
mail_fsync = never
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {here}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""


class ImapServer:
    """box: the Maildir in which its letters lie."""

    def __init__(self, here: Path) -> None:
        self.here, self.box = here, here / "mail"
        self.imap, self.imaps = (_free() for _ in range(2))
        who = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        uid, gid = who.pw_uid, who.pw_gid
        (here / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n", encoding="utf-8")
        (here / "settings").write_text(
            _SETTINGS.format(
                here=here, user=who.pw_name, group=grp.getgrgid(gid).gr_name, uid=uid, gid=gid,
                imap=self.imap, imaps=self.imaps,
            )
        )  # fmt: skip
        for part in ("new", "cur", "tmp"):
            (self.box / part).mkdir(parents=True)
        self._who: dict[str, object] = {}
        if os.geteuid() == 0:  # it refuses to serve as root
            for path in (here, *here.rglob("*")):
                os.chown(path, uid, gid)
            self._who = {"user": uid, "group": gid, "extra_groups": []}
        self._count = 0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = ["dovecot", "-F", "-c", str(self.here / "settings")]
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True, **self._who)  # type: ignore[call-overload]  # fmt: skip
        until(self._answers)

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(30)
            self._process = None

    def crash(self) -> None:
        """It and all its connections, at once."""
        if self._process:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(30)
            self._process = None

    def place(self, scheme: str = "imaps", password: str = PASSWORD, folder: str = "INBOX") -> str:
        port = self.imaps if scheme == "imaps" else self.imap
        return f"{scheme}://{quote(USER, safe='')}:{quote(password, safe='')}@localhost:{port}/{quote(folder)}"

    def deliver(self, letters: list[bytes]) -> None:
        for letter in letters:
            self._count += 1
            (self.box / "new" / f"{1_700_000_000 + self._count}.M{self._count}.here").write_bytes(letter)

    def left(self) -> dict[str, int]:
        """Letters by their flags."""
        names = [path.name for part in ("new", "cur") for path in (self.box / part).iterdir()]
        flags = [name.partition(":2,")[2] for name in names]
        return {flag: flags.count(flag) for flag in sorted(set(flags))}

    def _answers(self) -> bool:
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", self.imap)) == 0


@contextmanager
def imap_server() -> Iterator[ImapServer]:
    if shutil.which("dovecot") is None:
        pytest.skip("no IMAP server is installed (Debian: dovecot-imapd)")
    here = Path(tempfile.mkdtemp(prefix="schwung-imap-"))
    try:
        _certificate(here)
        server = ImapServer(here)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(here, ignore_errors=True)


def _free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def _certificate(here: Path) -> None:
    """Of an authority of its own, for localhost."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (here / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (here / "key.pem").write_bytes(private)
