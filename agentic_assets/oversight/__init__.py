"""People in charge: stop and resume agents, stage and promote them, trip a breaker, and tell whom it concerns."""

from agentic_assets.oversight.delivering import alert_of, deliver
from agentic_assets.oversight.log import ControlLog
from agentic_assets.oversight.ordering import Given, Word, give, reset, resume, stage, stop
from agentic_assets.oversight.promotion import Backtest, backtest, promote

__all__ = [
    "Backtest",
    "ControlLog",
    "Given",
    "Word",
    "alert_of",
    "backtest",
    "deliver",
    "give",
    "promote",
    "reset",
    "resume",
    "stage",
    "stop",
]
