"""The departures domain as a code location over the deliveries in AGENTIC_TEST_DELIVERIES."""

import os
from pathlib import Path

from agentic_assets.domains.departures import domain
from agentic_assets.orchestration import definitions_of

defs = definitions_of(domain(Path(os.environ["AGENTIC_TEST_DELIVERIES"])))
