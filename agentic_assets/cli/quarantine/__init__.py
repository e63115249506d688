"""`agentic quarantine`: see what contracts hold back, and rule on it."""

from __future__ import annotations

import click

from agentic_assets.cli.quarantine.ruling import drop, release, withdraw
from agentic_assets.cli.quarantine.viewing import list_, show

__all__ = ["quarantine"]


@click.group()
def quarantine() -> None:
    """See what contracts hold back, and rule on it with a reason: release rows, or drop them.

    A row that breaks its contract is never published: it lies in quarantine beside its table, as it was delivered.
    Whatever is ruled, published + quarantined = read. What lies here is as confidential as its source.
    """


for command in (list_, show, release, drop, withdraw):
    quarantine.add_command(command)
