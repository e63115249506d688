"""Notifiers: who is told when somebody stops an agent, a breaker trips, or a run fails; none of them can fail a run."""

from agentic_assets.oversight.notifying.alert import Alert, Notifier
from agentic_assets.oversight.notifying.configuring import notifiers_of
from agentic_assets.oversight.notifying.journal import Journal
from agentic_assets.oversight.notifying.mail import Mail
from agentic_assets.oversight.notifying.telling import tell
from agentic_assets.oversight.notifying.webhook import Webhook

__all__ = ["Alert", "Journal", "Mail", "Notifier", "Webhook", "notifiers_of", "tell"]
