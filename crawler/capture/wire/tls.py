"""TLS for captures: the context connections are made with, and the names records give to what was negotiated."""

from __future__ import annotations

__all__ = ["client_context", "negotiated", "tls_failure"]

import contextlib
import importlib
import ssl

from crawler.errors import FetchError, TlsFailure, Unreachable

_SUITES = {
    f"ECDHE-{key}-{short}": f"TLS_ECDHE_{key}_WITH_{full}"
    for key in ("RSA", "ECDSA")
    for short, full in (
        ("AES128-GCM-SHA256", "AES_128_GCM_SHA256"),
        ("AES256-GCM-SHA384", "AES_256_GCM_SHA384"),
        ("CHACHA20-POLY1305", "CHACHA20_POLY1305_SHA256"),
        ("AES128-SHA256", "AES_128_CBC_SHA256"),
        ("AES256-SHA384", "AES_256_CBC_SHA384"),
        ("AES128-SHA", "AES_128_CBC_SHA"),
        ("AES256-SHA", "AES_256_CBC_SHA"),
    )
} | {
    "AES128-GCM-SHA256": "TLS_RSA_WITH_AES_128_GCM_SHA256",
    "AES256-GCM-SHA384": "TLS_RSA_WITH_AES_256_GCM_SHA384",
    "DHE-RSA-AES128-GCM-SHA256": "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
    "DHE-RSA-AES256-GCM-SHA384": "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384",
    "DHE-RSA-CHACHA20-POLY1305": "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
}
"""OpenSSL's names of TLS 1.2 suites and the registered ones, which WARC-Cipher-Suite wants; 1.3's are the same."""


def client_context() -> ssl.SSLContext:
    """Return a context that verifies certificates and host names and speaks HTTP/1.1 only.

    Certificates are checked against the system's trust store, or those of certifi where the system shows none
    and certifi is installed.
    """
    context = ssl.create_default_context()
    if not context.cert_store_stats()["x509_ca"]:
        with contextlib.suppress(ModuleNotFoundError):
            context.load_verify_locations(importlib.import_module("certifi").where())
    context.set_alpn_protocols(["http/1.1"])
    return context


def negotiated(connection: ssl.SSLObject) -> tuple[str, str]:
    """Return the values of WARC-Protocol (``tls/1.3``) and WARC-Cipher-Suite for a finished handshake."""
    version = (connection.version() or "TLS").lower().replace("tlsv", "tls/")
    if version == "tls/1":
        version = "tls/1.0"
    cipher = connection.cipher()
    name = cipher[0] if cipher else ""
    return version, _SUITES.get(name, name)


def tls_failure(host: str, error: Exception) -> FetchError:
    """Return what a failed handshake with `host` means."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return TlsFailure(
            f"the certificate of {host} is not to be trusted ({error.verify_message})", reason="certificate"
        )
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return TlsFailure(f"no TLS with {host} ({getattr(error, 'reason', None) or error})")
    return Unreachable(f"{host} closed the connection during the TLS handshake ({error})", reason="connect")
