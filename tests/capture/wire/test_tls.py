"""Names of what was negotiated, and what a failed handshake means."""

from __future__ import annotations

import ssl
from typing import Any

import pytest

from crawler.capture.wire.tls import client_context, negotiated, tls_failure
from crawler.errors import TlsFailure, Unreachable


class Handshake:
    def __init__(self, version: str, cipher: str) -> None:
        self._version, self._cipher = version, cipher

    def version(self) -> str:
        return self._version

    def cipher(self) -> tuple[str, str, int]:
        return (self._cipher, self._version, 128)


@pytest.mark.parametrize(
    ("version", "cipher", "expected"),
    [
        ("TLSv1.3", "TLS_AES_256_GCM_SHA384", ("tls/1.3", "TLS_AES_256_GCM_SHA384")),
        ("TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256", ("tls/1.2", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")),
        ("TLSv1.2", "ECDHE-ECDSA-CHACHA20-POLY1305", ("tls/1.2", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256")),
        ("TLSv1", "UNHEARD-OF", ("tls/1.0", "UNHEARD-OF")),
    ],
)
def test_records_name_protocol_and_suite_as_registered(version: str, cipher: str, expected: tuple[str, str]) -> None:
    handshake: Any = Handshake(version, cipher)
    assert negotiated(handshake) == expected


def test_certificates_and_names_are_checked() -> None:
    context = client_context()
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname


def test_only_a_broken_connection_is_worth_another_try() -> None:
    assert isinstance(tls_failure("x", ConnectionResetError()), Unreachable)
    assert isinstance(tls_failure("x", ssl.SSLEOFError(8, "EOF occurred")), Unreachable)
    assert isinstance(tls_failure("x", ssl.SSLError(1, "wrong version")), TlsFailure)
