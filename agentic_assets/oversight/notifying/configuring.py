"""Which notifiers a home has: the log always, the others by the environment or by the file `alerts.yaml` of the home.

    webhooks: [https://example.com/hooks/token]
    mail:
      server: smtp+starttls://user:password@smtp.example.com:587
      from: agentic@example.com
      to: [duty@example.com]

The environment adds to the file: AGENTIC_ALERT_WEBHOOKS (URLs, separated by blanks), and, all three together,
AGENTIC_ALERT_SMTP, AGENTIC_ALERT_FROM and AGENTIC_ALERT_TO (addresses, separated by blanks).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from agentic_assets.agents.declaration import read_declaration
from agentic_assets.errors import AgenticError, ConfigInvalid
from agentic_assets.home import Home
from agentic_assets.oversight.notifying.alert import Notifier
from agentic_assets.oversight.notifying.journal import LOGGER, Journal
from agentic_assets.oversight.notifying.mail import Mail
from agentic_assets.oversight.notifying.webhook import Webhook

__all__ = ["notifiers_of"]

_MAIL = ("AGENTIC_ALERT_SMTP", "AGENTIC_ALERT_FROM", "AGENTIC_ALERT_TO")


def notifiers_of(home: Home, environ: Mapping[str, str] | None = None) -> tuple[Notifier, ...]:
    """Give the notifiers of a home, the log first; settings that cannot be used are logged, and the rest serves."""
    environ = os.environ if environ is None else environ
    found: dict[str, Notifier] = {}
    for notifier in (Journal(home.root / "alerts.jsonl"), *_told(_of_file(home)), *_told(_of_environment(environ))):
        found.setdefault(notifier.name, notifier)
    return tuple(found.values())


def _told(notifiers: Iterator[Notifier]) -> Iterator[Notifier]:
    try:
        yield from notifiers
    except AgenticError as error:
        LOGGER.error("some alerts will reach nobody: %s", " ".join(str(error).splitlines())[:400])


def _of_file(home: Home) -> Iterator[Notifier]:
    path = home.root / "alerts.yaml"
    if not path.exists():
        return
    file = read_declaration(path, ConfigInvalid)
    file.only("webhooks", "mail")
    if file.has("webhooks"):
        yield from (Webhook(url) for url in file.texts("webhooks"))
    if file.has("mail"):
        mail = file.section("mail")
        mail.only("server", "from", "to")
        yield Mail(mail.text("server"), mail.text("from"), mail.texts("to"))


def _of_environment(environ: Mapping[str, str]) -> Iterator[Notifier]:
    yield from (Webhook(url) for url in environ.get("AGENTIC_ALERT_WEBHOOKS", "").split())
    given = [environ.get(name, "").strip() for name in _MAIL]
    if all(given):
        yield Mail(given[0], given[1], tuple(given[2].split()))
    elif any(given):
        lacking = [name for name, value in zip(_MAIL, given, strict=True) if not value]
        raise ConfigInvalid(f"alerts by mail lack {', '.join(lacking)}", hint="set all three, or none")
