"""Get one file over HTTP(S), whole or not at all: bounded in bytes, time, redirects and tries."""

from __future__ import annotations

import hashlib
import http.client
import ssl
import string
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import TypeVar
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

from agentic_assets.errors import ConfigInvalid, SourceUnreadable

__all__ = ["Fetched", "Limits", "fetch", "permitted", "shown", "tried"]

_CHUNK = 1 << 18
_REDIRECTS = 5
_REDIRECTING = frozenset({301, 302, 303, 307, 308})
_LONGEST_PAUSE = 30.0
_HINT = "nothing of it was landed; run again when the server delivers it"
_T = TypeVar("_T")


@dataclass(frozen=True)
class Limits:
    """How many bytes, how many seconds of silence and in all, how many tries, and the first pause between them."""

    largest: int
    silence: float
    seconds: float
    tries: int
    pause: float


@dataclass(frozen=True)
class Fetched:
    """What was downloaded: SHA-256 and number of the bytes as sent, and what the server says about them."""

    sha256: str
    size: int
    etag: str | None
    last_modified: str | None
    date: str | None
    encoding: str | None


class _Passing(Exception):
    """What may be over when it is tried again."""

    def __init__(self, what: str, wait: float = 0.0) -> None:
        super().__init__(what)
        self.wait = wait


class _NothingElse(urllib.request.BaseHandler):
    """Give every answer as it is, also one that is an error or leads elsewhere."""

    def http_response(self, request: urllib.request.Request, response: http.client.HTTPResponse) -> object:
        return response

    https_response = http_response


def permitted(url: str) -> SplitResult:
    """Take a URL apart; raise ConfigInvalid for another scheme than HTTP(S), no host, or a password in it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ConfigInvalid("what should be downloaded has no valid URL", hint="begin it with https://") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise ConfigInvalid(
            f"a download goes over http or https to a host, not over {parts.scheme[:20] or 'nothing'!r}",
            hint="read a local file with Files",
        )
    if parts.username is not None or parts.password is not None:
        raise ConfigInvalid(
            f"the URL of {parts.hostname} holds a user or password",
            hint="put the header into an environment variable and name it in `authorization_from`",
        )
    return parts


def shown(url: str) -> str:
    """Give a URL for people, without what may be secret: its user, password, query and fragment."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def tried(attempt: Callable[[], _T], where: str, limits: Limits) -> _T:
    """Try again, each time after twice the pause, what fails in a way that may pass; a new try starts from nothing."""
    failures: list[str] = []
    for number in range(limits.tries):
        try:
            return attempt()
        except _Passing as passing:
            failures.append(str(passing))
            if number + 1 < limits.tries:
                time.sleep(max(min(passing.wait, _LONGEST_PAUSE), min(limits.pause * 2**number, _LONGEST_PAUSE)))
    times = f" (tried {limits.tries} times)" if limits.tries > 1 else ""
    raise SourceUnreadable(f"{where}: {failures[-1]}{times}", hint=_HINT)


def fetch(url: str, into: Path, headers: Mapping[str, str], limits: Limits) -> Fetched | None:
    """Download into a file, anew; None when the server says that what `headers` ask about has not changed.

    At most 5 redirects are followed, to http or https only, never from https to http; `Authorization` goes to the
    first host only. The plain file is asked for; whether it is whole can only be known where the server tells its
    length, or sends it in chunks. Raises SourceUnreadable for what will not pass.
    """
    opener = _opener()
    where, end = shown(url), time.monotonic() + limits.seconds
    sent = {"Accept-Encoding": "identity", "User-Agent": "agentic-assets", **headers}
    for _ in range(_REDIRECTS + 1):
        try:
            with opener.open(urllib.request.Request(_ascii(url), headers=sent), timeout=limits.silence) as response:
                if response.status in _REDIRECTING:
                    url, sent = _redirected(url, response.headers, sent, where)
                    continue
                if response.status == 304 and ("If-None-Match" in sent or "If-Modified-Since" in sent):
                    return None
                _require_success(response.status, response.headers, where)
                return _stored(response, into, where, limits, end)
        except urllib.error.URLError as error:
            raise _failed(error.reason, where) from None
        except (OSError, http.client.HTTPException) as error:
            raise _failed(error, where) from None
    raise SourceUnreadable(f"{where}: the server redirects more than {_REDIRECTS} times", hint="name the final URL")


def _opener() -> urllib.request.OpenerDirector:
    opener = urllib.request.OpenerDirector()
    # Neither file:, ftp: nor data:, nor the library's own redirects, which read a body without a bound.
    for handler in (
        *(urllib.request.ProxyHandler(), urllib.request.HTTPHandler(), urllib.request.HTTPSHandler()),
        *(urllib.request.UnknownHandler(), _NothingElse()),
    ):
        opener.add_handler(handler)
    return opener


def _ascii(url: str) -> str:
    return quote(url, safe=string.punctuation)


def _redirected(url: str, headers: Message, sent: dict[str, str], where: str) -> tuple[str, dict[str, str]]:
    target = urljoin(url, headers.get("Location") or "")
    try:
        old, new = urlsplit(url), permitted(target)
    except ConfigInvalid as error:
        raise SourceUnreadable(f"{where}: the server redirects elsewhere: {error.what}") from None
    if not headers.get("Location") or (old.scheme == "https" and new.scheme == "http"):
        what = "to http, from https" if headers.get("Location") else "to nowhere"
        raise SourceUnreadable(f"{where}: the server redirects {what}", hint="name the final URL")
    if (old.scheme, old.netloc) != (new.scheme, new.netloc):
        sent = {name: value for name, value in sent.items() if name != "Authorization"}
    return target, sent


def _require_success(status: int, headers: Message, where: str) -> None:
    if status == 200:
        return
    if status == 429 or status >= 500:
        wait = headers.get("Retry-After", "")
        raise _Passing(f"the server answers {status}", float(wait) if wait.isdecimal() else 0.0)
    what, hint = {
        401: ("wants a password", "name the variable with the header in `authorization_from`"),
        403: ("forbids it", "name the variable with the header in `authorization_from`"),
        404: ("has no such file", "name the file as it is called now"),
        410: ("has the file no more", "name the file as it is called now"),
    }.get(status, ("does not deliver the file", "open the URL in a browser to see what it says"))
    raise SourceUnreadable(f"{where}: the server {what} ({status})", hint=hint)


def _stored(response: http.client.HTTPResponse, into: Path, where: str, limits: Limits, end: float) -> Fetched:
    stated = response.headers.get("Content-Length", "")
    length = int(stated) if stated.isdecimal() and not response.chunked else None
    if length is not None and length > limits.largest:
        raise _too_large(where, limits.largest)
    digest, size = hashlib.sha256(), 0
    with into.open("wb") as file:
        # Not read(): that waits for a whole chunk, however slowly it trickles in.
        while part := response.read1(_CHUNK):
            size += len(part)
            if size > limits.largest:
                raise _too_large(where, limits.largest)
            if time.monotonic() > end:
                raise _Passing(f"the download takes longer than {limits.seconds:g} s, {size:,} bytes came")
            digest.update(part)
            file.write(part)
    if length is not None and size != length:
        raise _Passing(f"the download ended after {size:,} of {length:,} bytes")
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip", ""):
        raise SourceUnreadable(f"{where}: the server sends the encoding {encoding[:20]!r}", hint="only gzip is read")
    return Fetched(
        sha256=digest.hexdigest(),
        size=size,
        etag=response.headers.get("ETag"),
        last_modified=response.headers.get("Last-Modified"),
        date=response.headers.get("Date"),
        encoding="gzip" if encoding.endswith("gzip") else None,
    )


def _failed(error: object, where: str) -> Exception:
    if isinstance(error, ssl.SSLCertVerificationError):
        return SourceUnreadable(
            f"{where}: the certificate of the server is not valid ({error.verify_message[:120]})",
            hint="the server must renew it, or its authority be installed on this machine",
        )
    if isinstance(error, TimeoutError):
        return _Passing("the server is silent")
    if isinstance(error, http.client.IncompleteRead):
        return _Passing("the download ended in the middle of a chunk")
    if isinstance(error, http.client.HTTPException) and not isinstance(error, ConnectionError):
        return SourceUnreadable(f"{where}: the server does not speak HTTP ({type(error).__name__})", hint=_HINT)
    if isinstance(error, OSError):
        return _Passing(f"the connection fails ({error.strerror or type(error).__name__})")
    return SourceUnreadable(f"{where}: it cannot be downloaded ({type(error).__name__})", hint=_HINT)


def _too_large(where: str, largest: int) -> SourceUnreadable:
    return SourceUnreadable(
        f"{where}: the file is larger than {largest:,} bytes", hint="raise `largest` if it is meant to be so large"
    )
