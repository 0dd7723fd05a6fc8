"""What buckets of AWS may be called; other servers of the protocol take more, and nothing is said of theirs.

General purpose buckets: 3 to 63 small letters, digits, dots and hyphens, a letter or a digit at both ends, no two dots
together, no IP address, none of the beginnings that AWS keeps for itself (Amazon S3 user guide, "General purpose bucket
naming rules"). Buckets of us-east-1 from before March 2018 may have capitals, underscores and up to 255 letters; they
are reached by path alone, so with ``addressing = "path"`` those pass.
"""

from __future__ import annotations

__all__ = ["bucket_fault", "is_on_aws"]

import os
import re
from urllib.parse import urlsplit

from crawler.config import Storage

_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
"""Where boto3 looks for an endpoint that the settings do not name."""
_AWS = re.compile(r"(?:.*\.)?amazonaws\.com(?:\.cn)?")
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")
_KEPT = ("xn--", "sthree-", "amzn-s3-demo-")


def is_on_aws(storage: Storage) -> bool:
    """Tell whether the endpoint is one of AWS: named so, or none is named at all."""
    endpoint = storage.endpoint_url or next((os.environ[name] for name in _ENDPOINTS if os.environ.get(name)), "")
    return not endpoint or _AWS.fullmatch(urlsplit(endpoint).hostname or "") is not None


def bucket_fault(storage: Storage) -> str | None:
    """Return what S3 would refuse in the name of the bucket of `storage`; None: nothing, or AWS has no say."""
    scheme, _, place = storage.url.partition("://")
    bucket = place.partition("/")[0]
    if scheme != "s3" or bucket.startswith("arn:") or not is_on_aws(storage):
        return None
    fault = _fault(bucket, old=storage.addressing == "path")
    return f"S3 has no bucket {bucket!r}: {fault}" if fault is not None else None


def _fault(name: str, *, old: bool) -> str | None:
    """Return what is wrong; `old`: it may be of the time when more was right."""
    most = 255 if old else 63
    if not 3 <= len(name) <= most:
        return f"a name has 3 to {most} characters, this one {len(name)}"
    wrong = re.search(r"[^A-Za-z0-9._-]" if old else r"[^a-z0-9.-]", name)
    if wrong is not None and wrong[0].isascii() and wrong[0].isupper():
        return f"names are in small letters, as in {name.lower()!r}"
    if wrong is not None:
        return f"names are of a to z, 0 to 9, - and ., without {wrong[0]!r}"
    if not (name[0].isalnum() and name[-1].isalnum()):
        return "names begin and end with a letter or a digit"
    if ".." in name:
        return "two dots do not stand together"
    if _ADDRESS.fullmatch(name) is not None:
        return "a name is no IP address"
    kept = next((begin for begin in _KEPT if name.startswith(begin)), None)
    return f"names that begin with {kept} are kept by AWS" if kept is not None else None
