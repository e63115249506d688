"""Tell people by e-mail, through an SMTP server."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import unquote, urlsplit

from agentic_assets.errors import ConfigInvalid
from agentic_assets.oversight.notifying.alert import Alert

__all__ = ["Mail"]

_SECONDS = 10
_LONGEST_SUBJECT = 150


@dataclass(frozen=True)
class Mail:
    """Send alerts to some addresses; `smtps` speaks TLS from the start, `smtp+starttls` changes to it, `smtp` does not.

    A user name and its password are sent over TLS only.
    """

    server: str
    """As smtp+starttls://user:password@host:port."""
    sender: str
    to: tuple[str, ...]

    def __post_init__(self) -> None:
        """Raises ConfigInvalid for a server or an address that is none, without repeating a password."""
        try:
            parts = urlsplit(self.server)
            sound = parts.scheme in _PORTS and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            sound = False
        if not sound:
            raise ConfigInvalid(
                "the mail server is not one", hint="write smtp+starttls://user:password@host:587, smtps:// or smtp://"
            )
        if urlsplit(self.server).username and urlsplit(self.server).scheme == "smtp":
            raise ConfigInvalid(
                "a password would be sent over a connection that anybody can read",
                hint="use smtps:// or smtp+starttls://, or give no user name",
            )
        for address in (self.sender, *self.to):
            if address.count("@") != 1 or not address.isprintable() or set(address) & set(" ,;<>\"'"):
                raise ConfigInvalid(f"{address[:60]!r} is no e-mail address", hint="write one as duty@example.com")
        if not self.to:
            raise ConfigInvalid("no address is given to send alerts to", hint="name one as duty@example.com")

    @property
    def name(self) -> str:
        """Name the addresses."""
        return f"mail to {', '.join(self.to[:3])}"

    def send(self, alert: Alert) -> None:
        """Send one message; raises OSError when the server does not take it."""
        message = EmailMessage(policy=SMTP)
        subject = f"[{alert.domain}] {alert.title}"
        message["Subject"] = "".join(sign if sign.isprintable() else " " for sign in subject)[:_LONGEST_SUBJECT]
        message["From"], message["To"] = self.sender, ", ".join(self.to)
        message["Message-ID"] = f"<{alert.key}.{alert.kind}@agentic-assets>"
        # Not every server takes 8-bit text, and some spoil it on the way.
        message.set_content(f"{alert.text}\n", cte="quoted-printable")
        parts = urlsplit(self.server)
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        secure = ssl.create_default_context()
        connection = (
            smtplib.SMTP_SSL(host, port, timeout=_SECONDS, context=secure)
            if parts.scheme == "smtps"
            else smtplib.SMTP(host, port, timeout=_SECONDS)
        )
        with connection as server:
            if parts.scheme == "smtp+starttls":
                server.starttls(context=secure)
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(message)


_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
