"""A certificate for this machine's loopback addresses, made when it is needed and gone with the process."""

from __future__ import annotations

__all__ = ["Certificate", "make_certificate"]

import datetime
import ipaddress
import ssl
import tempfile
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from crawler.capture.wire.tls import client_context


class Certificate(msgspec.Struct, frozen=True):
    """A self-signed certificate in PEM, with its key."""

    certificate: bytes
    key: bytes

    def server_context(self) -> ssl.SSLContext:
        """Return a context that serves with this certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "both.pem"
            path.touch(mode=0o600)
            path.write_bytes(self.key + self.certificate)
            context.load_cert_chain(path)
        context.set_alpn_protocols(["h2", "http/1.1"])
        return context

    def client_context(self) -> ssl.SSLContext:
        """Return the context captures are made with, trusting this certificate too."""
        context = client_context()
        context.load_verify_locations(cadata=self.certificate.decode("ascii"))
        return context


def make_certificate(*, names: tuple[str, ...] = ("localhost",), days: int = 2) -> Certificate:
    """Return a new certificate for `names` and the loopback addresses; `days` below 0: it has expired."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = datetime.datetime.now(datetime.UTC)
    addresses = [ipaddress.ip_address(ip) for ip in ("127.0.0.1", "::1")] if "localhost" in names else []
    subjects = [x509.DNSName(n) for n in names] + [x509.IPAddress(a) for a in addresses]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=10))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName(subjects), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Certificate(
        certificate.public_bytes(serialization.Encoding.PEM),
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    )
