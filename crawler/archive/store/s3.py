"""The store in an S3 bucket, AWS or any server that speaks its protocol; the only module that imports boto3.

One conditional PUT per object up to 5 GB (``If-None-Match: *`` with a SHA-256 the server checks), multipart above.
Off AWS: path addressing, no trailing checksums (older servers take them for content), and the payload signed, so that
servers which ignore the checksum header still verify the bytes. A server that refuses the condition or the checksum is
asked without. What was put is looked up before it counts as kept: by the checksum the server computed or, where it has
none of its own, by reading the object back once. Neither an ETag nor our own metadata is taken for a digest.
"""

from __future__ import annotations

__all__ = ["S3Store"]

import base64
import hashlib
import io
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, cast

import boto3.session
import botocore.session
import msgspec
from boto3.exceptions import S3UploadFailedError
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    PartialCredentialsError,
    SSLError,
)

from crawler.archive.files import sha256_of
from crawler.archive.store.at_once import in_order
from crawler.archive.store.base import PROBE, StoredObject, checked_key
from crawler.archive.store.bucket_names import is_on_aws
from crawler.archive.store.s3_stream import ObjectStream
from crawler.archive.store.signed_puts import SignedPuts
from crawler.config import Storage
from crawler.errors import BadStoreUrl, ObjectExists, StoreError, StoreRefused, StoreUnavailable

_PUT_LIMIT = 5_000_000_000
_PART = 256 << 20
_CONNECTIONS = 64
"""Kept open: as many puts as anybody here has under way."""
_MISSING = {"NoSuchKey", "404", "NotFound"}
_EXISTS = {"PreconditionFailed", "412"}
_CORRUPT = {"BadDigest", "InvalidDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch", "400.BadDigest"}
_TRANSIENT = {
    "ConditionalRequestConflict", "InternalError", "OperationAborted", "RequestTimeout", "RequestTimeTooSkewed",
    "ServiceUnavailable", "SlowDown", "Throttling", "ThrottlingException", "TooManyRequests",
}  # fmt: skip
_LATER = {408, 409, 425, 429}
"""HTTP statuses that tell us to come back, besides those of 500 and above."""
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "InvalidToken"}
_NO_UPLOADS = {"AccessDenied", "MethodNotAllowed", "NotImplemented", "NoSuchKey", "NoSuchUpload", "403", "404", "405"}
"""What a server says that has no list of uploads, or none for us."""
_UNKNOWN_HEADER = {
    "NotImplemented", "InvalidArgument", "InvalidRequest", "InvalidHeader", "UnsupportedHeader", "MalformedHeader",
    "BadRequest", "400", "501",
}  # fmt: skip
"""What servers say to a header they do not know, with status 400 or 501."""


class S3Store:
    """Objects in `bucket` under `prefix`. The client is made at first use and shared by threads."""

    FORM = "s3://bucket/prefix"

    def __init__(
        self, storage: Storage, *, bucket: str, prefix: str = "", put_limit: int = _PUT_LIMIT, part_size: int = _PART
    ) -> None:
        """`put_limit`: largest object, in bytes, that goes up in one request; larger ones in parts of `part_size`."""
        self._storage = storage
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._put_limit = put_limit
        self._part_size = part_size
        self._lock = threading.Lock()
        self._made: Any = None
        self._signed: SignedPuts | None = None
        self._conditional = True
        self._checksums = True
        """Whether the server takes the condition, the checksum; off once it took an object only without."""

    @classmethod
    def of(cls, storage: Storage) -> S3Store:
        """Return the store that ``s3://bucket/prefix`` names. Raises BadStoreUrl if it names none."""
        slashes, _, place = storage.url.partition(":")[2].partition("//")
        bucket, _, prefix = place.partition("/")
        if slashes or not bucket or "@" in bucket:  # credentials do not belong there, and would be told in errors
            raise BadStoreUrl(f"storage.url {storage.url!r} names no bucket", next_step=f"give {cls.FORM}")
        return cls(storage, bucket=bucket, prefix=prefix.strip("/"))

    @property
    def url(self) -> str:
        """Return ``s3://bucket/prefix``."""
        return f"s3://{self._bucket}/{self._prefix}".rstrip("/")

    def put(
        self,
        key: str,
        source: Path | bytes,
        *,
        sha256: bytes | None = None,
        overwrite: bool = False,
        settled: bool = False,  # noqa: ARG002 - every object is sent
    ) -> StoredObject:
        """Store `source` under `key`; see `Store.put`."""
        name = self._prefix + checked_key(key)
        size = len(source) if isinstance(source, bytes) else source.stat().st_size
        if sha256 is None:
            sha256 = hashlib.sha256(source).digest() if isinstance(source, bytes) else sha256_of(source)
        call = {"Bucket": self._bucket, "Key": name, "Metadata": {"sha256": sha256.hex()}}
        with self._translated(key), io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as body:
            if size > self._put_limit:
                self._put_parts(call, {} if overwrite else {"IfNoneMatch": "*"}, body)
            else:
                self._put_whole(key, call, body, sha256, overwrite=overwrite)
        return self._proven(key, size, sha256)

    def put_many(self, objects: Iterable[tuple[str, bytes]], *, in_flight: int = 1) -> None:
        """Store `objects`, each in one request whose bytes the server checks; see `Store.put_many`."""

        def by_client(name: str, content: bytes, sha256: bytes) -> None:
            key = name.removeprefix(self._prefix)
            call = {"Bucket": self._bucket, "Key": name, "Metadata": {"sha256": sha256.hex()}}
            with self._translated(key):
                self._put_whole(key, call, io.BytesIO(content), sha256, overwrite=True)

        named = ((self._prefix + checked_key(key), content) for key, content in objects)
        with self._translated(""):
            signed = self._signed_puts
        if signed is not None and self._checksums:
            signed.put_all(named, in_flight=in_flight, by_client=by_client)
        else:
            in_order(lambda one: by_client(*one, hashlib.sha256(one[1]).digest()), named, in_flight, name="put")

    def get(self, key: str) -> bytes:
        """Return the whole object; see `Store.get`."""
        with self.open(key) as stream:
            return stream.read()

    def open(self, key: str, *, offset: int = 0, length: int | None = None) -> BinaryIO:
        """Return a stream that goes on after a broken connection, seekable; see `Store.open`."""
        stored = self.head(key)
        if stored is None:
            raise StoreError(f"{self.url}: no object {key}")
        end = stored.size if length is None else min(stored.size, offset + length)
        return cast(
            "BinaryIO", io.BufferedReader(ObjectStream(self, key, stored.etag, offset, end), buffer_size=1 << 20)
        )

    def delete(self, key: str) -> None:
        """Remove the object under `key`; see `Store.delete`."""
        with self._translated(key):
            self._client.delete_object(Bucket=self._bucket, Key=self._prefix + checked_key(key))

    def head(self, key: str) -> StoredObject | None:
        """Return what is under `key`, with the digest if the server computed one; see `Store.head`."""
        name = self._prefix + checked_key(key)
        try:
            answer = self._client.head_object(Bucket=self._bucket, Key=name, ChecksumMode="ENABLED")
        except ClientError as error:
            if _code(error) in _MISSING:
                return None
            self._raise(error, key)
        except (BotoCoreError, ValueError) as error:
            self._raise(error, key)
        return StoredObject(
            key=key,
            size=answer["ContentLength"],
            sha256=_digest_in(answer),
            etag=answer.get("ETag"),
            modified_at=answer.get("LastModified"),
        )

    def list(self, prefix: str = "", *, ends: str = "") -> Iterator[StoredObject]:
        """Yield the objects under `prefix`; see `Store.list`."""
        with self._translated(prefix):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=self._prefix + prefix
            )
            for page in pages:
                for item in page.get("Contents", ()):
                    key = item["Key"].removeprefix(self._prefix)
                    if key != PROBE and key.endswith(ends):
                        yield StoredObject(
                            key=key, size=item["Size"], etag=item.get("ETag"), modified_at=item.get("LastModified")
                        )

    def check(self) -> None:
        """Prove that the bucket exists, can be written to and keeps what it takes; see `Store.check`.

        A PUT, not a HEAD of the bucket: answers to HEAD have no body, so they cannot say what is wrong.
        """
        self.put(PROBE, b"warraq writes here\n", overwrite=True)

    def leftovers(self) -> Iterator[str]:
        """Yield the uploads in parts that nobody has gone on with for a day; see `Store.leftovers`."""
        return (f"{key} (upload {upload})" for key, upload in self._abandoned())

    def strays(self) -> Iterator[str]:
        """Yield nothing: a bucket lists all that it holds."""
        return iter(())

    def sweep(self) -> tuple[str, ...]:
        """Abort the uploads in parts that nobody has gone on with for a day; see `Store.sweep`."""
        gone = []
        for key, upload in list(self._abandoned()):
            with self._translated(key):
                self._client.abort_multipart_upload(Bucket=self._bucket, Key=key, UploadId=upload)
            gone.append(f"{key} (upload {upload})")
        return tuple(gone)

    def _abandoned(self) -> Iterator[tuple[str, str]]:
        """Yield key and id of old uploads under our prefix; none where the server does not tell of uploads."""
        latest = datetime.now(UTC) - timedelta(days=1)
        try:
            pages = self._client.get_paginator("list_multipart_uploads").paginate(
                Bucket=self._bucket, Prefix=self._prefix
            )
            for page in pages:
                for upload in page.get("Uploads", ()):
                    if upload["Initiated"] < latest:
                        yield upload["Key"], upload["UploadId"]
        except ClientError as error:
            if not _is_unknown_header(error) and _code(error) not in _NO_UPLOADS:
                self._raise(error, "uploads")
        except (BotoCoreError, ValueError) as error:
            self._raise(error, "uploads")

    def read_range(self, key: str, etag: str | None, start: int, end: int) -> Any:
        """Return botocore's body of the bytes `start` to `end` (exclusive) of the object as it was when opened."""
        same = {"IfMatch": etag} if etag else {}
        with self._translated(key):
            answer = self._client.get_object(
                Bucket=self._bucket, Key=self._prefix + key, Range=f"bytes={start}-{end - 1}", **same
            )
        return answer["Body"]

    @property
    def attempts(self) -> int:
        """Tries of one call."""
        return self._storage.attempts

    @property
    def _client(self) -> Any:
        with self._lock:
            if self._made is None:
                self._made = self._make_client()
            return self._made

    @property
    def _signed_puts(self) -> SignedPuts | None:
        """Return the short road into the bucket; None if nothing is signed."""
        return self._signed if self._client is not None else None

    def _make_client(self) -> Any:
        settings = self._storage
        on_aws = is_on_aws(settings)
        addressing = settings.addressing
        if addressing == "auto":
            addressing = "virtual" if on_aws else "path"
        checksums = "when_supported" if on_aws else "when_required"
        config = Config(
            signature_version=UNSIGNED if settings.anonymous else "s3v4",
            s3={"addressing_style": addressing, **({} if on_aws else {"payload_signing_enabled": True})},
            connect_timeout=settings.connect_timeout_s,
            read_timeout=settings.read_timeout_s,
            max_pool_connections=_CONNECTIONS,
            retries={"total_max_attempts": settings.attempts, "mode": "standard"},
            request_checksum_calculation=checksums,
            response_checksum_validation=checksums,
        )
        own = botocore.session.get_session()
        session = boto3.session.Session(botocore_session=own)
        client = session.client(
            "s3",
            region_name=settings.region or session.region_name or "us-east-1",
            endpoint_url=settings.endpoint_url or None,
            config=config,
        )
        if not settings.anonymous:
            timeouts_s = (settings.connect_timeout_s, settings.read_timeout_s)
            self._signed = SignedPuts(own, client, timeouts_s=timeouts_s, connections=_CONNECTIONS)
        return client

    def _put_whole(
        self, key: str, call: dict[str, Any], body: io.BytesIO | io.BufferedReader, sha256: bytes, *, overwrite: bool
    ) -> None:
        """Put in one request, with as much proof as the server takes; what it refuses is given up for good."""
        refused: ClientError | None = None
        for conditional, checksums in ((True, True), (True, False), (False, True), (False, False)):
            if (conditional and (overwrite or not self._conditional)) or (checksums and not self._checksums):
                continue
            if not conditional and not overwrite and self.head(key) is not None:
                raise ObjectExists(f"{self.url}: {key} exists already")
            asked = {"IfNoneMatch": "*"} if conditional else {}
            if checksums:
                asked["ChecksumSHA256"] = _b64(sha256)
            elif hashlib.file_digest(body, "sha256").digest() != sha256:
                raise StoreError(f"{self.url}: {key}: the bytes do not have the digest {sha256.hex()}")
            body.seek(0)
            try:
                self._client.put_object(**call, **asked, Body=body)
            except ClientError as error:
                if not _is_unknown_header(error):
                    raise
                refused = refused or error
                continue
            if refused is not None:
                self._conditional = self._conditional and (conditional or overwrite)
                self._checksums = checksums
            return
        raise cast("ClientError", refused)

    def _proven(self, key: str, size: int, sha256: bytes) -> StoredObject:
        """Return what the store has under `key`. Raises StoreError unless it is what was sent."""
        stored = self.head(key)
        if stored is None or stored.size != size:
            there = "nothing" if stored is None else f"an object of {stored.size} bytes"
            raise StoreError(
                f"{self.url}: {key}: {size} bytes were taken, and {there} is there",
                next_step="see what the server does with what it takes; it is tried again",
            )
        if (stored.sha256 or self._digest_of(key)) != sha256:
            raise StoreError(
                f"{self.url}: {key}: what is there is not what was sent",
                next_step="see what lies between this machine and the store; it is tried again",
            )
        return msgspec.structs.replace(stored, sha256=sha256)

    def _digest_of(self, key: str) -> bytes:
        digest = hashlib.sha256()
        with self.open(key) as stream:
            while piece := stream.read(1 << 20):
                digest.update(piece)
        return digest.digest()

    def _put_parts(self, call: dict[str, Any], condition: dict[str, str], body: BinaryIO) -> dict[str, Any]:
        """Upload in parts, each with its checksum; the object appears only when complete."""
        target = {"Bucket": call["Bucket"], "Key": call["Key"]}
        upload = self._client.create_multipart_upload(**call, ChecksumAlgorithm="SHA256")["UploadId"]
        try:
            parts: list[dict[str, Any]] = []
            while piece := body.read(self._part_size):
                digest = _b64(hashlib.sha256(piece).digest())
                number = len(parts) + 1
                answer = self._client.upload_part(
                    **target, UploadId=upload, PartNumber=number, Body=piece, ChecksumSHA256=digest
                )
                parts.append({"PartNumber": number, "ETag": answer["ETag"], "ChecksumSHA256": digest})
            done: dict[str, Any] = self._client.complete_multipart_upload(
                **target, **condition, UploadId=upload, MultipartUpload={"Parts": parts}
            )
        except BaseException:
            self._client.abort_multipart_upload(**target, UploadId=upload)
            raise
        return done

    @contextmanager
    def _translated(self, key: str) -> Iterator[None]:
        try:
            yield
        except (BotoCoreError, ClientError, S3UploadFailedError, ValueError) as error:
            self._raise(error, key)

    def _raise(self, error: Exception, key: str) -> NoReturn:
        """Raise what `error` means to a caller (boto3's own classes share no base)."""
        where = f"{self.url}: {key}"
        if isinstance(error, ClientError):
            self._raise_answer(error, where, key)
        if isinstance(error, NoCredentialsError | PartialCredentialsError):
            raise StoreRefused(
                f"{self.url}: no credentials", next_step="set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            ) from error
        if isinstance(error, SSLError):
            raise StoreRefused(f"{where}: {error}", next_step="check the endpoint's certificate") from error
        if isinstance(error, ValueError):
            raise StoreRefused(f"{where}: {error}", next_step="check storage.endpoint_url and storage.url") from error
        endpoint = self._storage.endpoint_url or "AWS"
        raise StoreUnavailable(
            f"{where}: {error}", next_step=f"see whether {endpoint} can be reached; it is tried again"
        ) from error

    def _raise_answer(self, error: ClientError, where: str, key: str) -> NoReturn:
        """Raise what the server's error answer means."""
        code = _code(error)
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        said = f"{code}: {error.response.get('Error', {}).get('Message', '')}".rstrip(": ")
        if code in _EXISTS:
            raise ObjectExists(f"{where} exists already") from error
        if code == "NoSuchBucket" or (code in _MISSING and key == PROBE):
            raise StoreRefused(
                f"{self.url}: there is no bucket {self._bucket}", next_step="create it, or set storage.url"
            ) from error
        if code in _MISSING:
            raise StoreError(f"{self.url}: no object {key}") from error
        if code in _CORRUPT:
            raise StoreError(f"{where}: what arrived is not what was sent ({said})") from error
        if code == "RequestTimeTooSkewed":
            raise StoreUnavailable(
                f"{where}: this machine's clock is not the store's, which says {_date_of(error)} ({said})",
                next_step="set the clock (NTP); it is tried again",
            ) from error
        if code in _EXPIRED:
            raise StoreRefused(
                f"{where}: the session token is no longer good ({said})", next_step="renew AWS_SESSION_TOKEN"
            ) from error
        if code in _TRANSIENT or status in _LATER or status >= 500:
            raise StoreUnavailable(f"{where}: {said}", next_step="it is tried again") from error
        raise StoreRefused(
            f"{where}: {said}", next_step="check the credentials, their permissions and the bucket"
        ) from error


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _b64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def _is_unknown_header(error: ClientError) -> bool:
    """Tell whether the server may have refused a header of ours, which it does not know or does not implement."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status == 501 or (status == 400 and _code(error) in _UNKNOWN_HEADER)


def _date_of(error: ClientError) -> str:
    return str(error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date", "another time"))


def _digest_in(answer: dict[str, Any]) -> bytes | None:
    """Return the SHA-256 the server computed; a composite one (of a multipart upload) is not the object's."""
    value = answer.get("ChecksumSHA256", "")
    if value and "-" not in value and answer.get("ChecksumType") != "COMPOSITE":
        return base64.b64decode(value)
    return None
