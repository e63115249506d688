"""The engine: assets as plain data, run over partitions, recorded in the manifest. It knows no Dagster."""

from agentic_assets.pipeline.acceptances import Acceptance, Acceptances
from agentic_assets.pipeline.batch import Batch, CheckResult, by_day
from agentic_assets.pipeline.engine import Engine, Foreseen
from agentic_assets.pipeline.guard import Guards, Hold, waited_for
from agentic_assets.pipeline.manifest import Entry, Manifest, Publication
from agentic_assets.pipeline.node import Check, External, Graph, Input, Node
from agentic_assets.pipeline.partitions import STATIC, Calendar, Cut, Window
from agentic_assets.pipeline.refusals import Refusal, Refusals
from agentic_assets.pipeline.residency import Residency, open_lake
from agentic_assets.pipeline.restorations import Restoration, Restorations
from agentic_assets.pipeline.result import PartitionResult, State
from agentic_assets.pipeline.rulings import Ruling, Rulings, Verdict
from agentic_assets.pipeline.standing import Ordered, Recalled, Recalling, Standing, recall, together
from agentic_assets.pipeline.triage import Choice, Said
from agentic_assets.pipeline.vacuumed import Gone, Vacuumed

__all__ = [
    "STATIC",
    "Acceptance",
    "Acceptances",
    "Batch",
    "Calendar",
    "Check",
    "CheckResult",
    "Choice",
    "Cut",
    "Engine",
    "Entry",
    "External",
    "Foreseen",
    "Gone",
    "Graph",
    "Guards",
    "Hold",
    "Input",
    "Manifest",
    "Node",
    "Ordered",
    "PartitionResult",
    "Publication",
    "Recalled",
    "Recalling",
    "Refusal",
    "Refusals",
    "Residency",
    "Restoration",
    "Restorations",
    "Ruling",
    "Rulings",
    "Said",
    "Standing",
    "State",
    "Vacuumed",
    "Verdict",
    "Window",
    "by_day",
    "open_lake",
    "recall",
    "together",
    "waited_for",
]
