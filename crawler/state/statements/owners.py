"""Leases of those who hold runs."""

from __future__ import annotations

__all__ = ["DROP_LEASES", "LEASE", "RENEW_LEASE"]

RENEW_LEASE = """
    INSERT INTO owners (name, renewed_at, expires_at) VALUES (:name, :now, :until)
    ON CONFLICT (name) DO UPDATE SET renewed_at = excluded.renewed_at, expires_at = excluded.expires_at
"""
LEASE = "SELECT 1 FROM owners WHERE name = :name AND expires_at > :now"
DROP_LEASES = """
    DELETE FROM owners WHERE expires_at <= :now AND NOT EXISTS (
        SELECT 1 FROM runs WHERE runs.worker = owners.name AND runs.state = 'running'
    )
"""
