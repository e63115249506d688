"""Tell a program elsewhere: the alert as JSON by HTTP POST."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from urllib.parse import urlsplit

from agentic_assets.errors import ConfigInvalid
from agentic_assets.oversight.notifying.alert import Alert
from agentic_assets.versions import of_text

__all__ = ["Webhook"]

_SECONDS = 10


@dataclass(frozen=True)
class Webhook:
    """Post alerts to an http or https URL; a redirect is not followed, for it would turn the POST into a GET."""

    url: str

    def __post_init__(self) -> None:
        """Raises ConfigInvalid for what cannot be posted to, without repeating it: a URL may hold a secret."""
        try:
            parts = urlsplit(self.url)
            sound = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            sound = False
        if not sound or not self.url.isprintable() or " " in self.url:
            raise ConfigInvalid("the URL of a webhook is not one", hint="write https://host/path, with any token in it")

    @property
    def name(self) -> str:
        """Name the host and a digest, for the rest of the URL may be secret; one host has many hooks."""
        parts = urlsplit(self.url)
        port = f":{parts.port}" if parts.port else ""
        return f"webhook {parts.hostname}{port} ({of_text(self.url)[:6]})"

    def send(self, alert: Alert) -> None:
        """Post one JSON object; raises OSError when the host does not answer within 10 seconds with a 2xx."""
        body = json.dumps(alert.to_dict(), ensure_ascii=False, default=str).encode()
        headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "agentic-assets"}
        request = urllib.request.Request(self.url, body, headers, method="POST")
        opener = urllib.request.build_opener(_Straight)
        try:
            with opener.open(request, timeout=_SECONDS) as answer:
                answer.read(1)
        except urllib.error.HTTPError as error:
            error.close()
            raise OSError(f"{self.name} answered {error.code}") from None
        except http.client.HTTPException as error:
            raise OSError(f"{self.name} answered what is no HTTP ({type(error).__name__})") from None


class _Straight(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None
