"""The rollout gate: who may act on what is proposed, from which moment on, and what happens to everybody else."""

from agentic_assets.policy.rollout.bucket import WHOLE, buckets
from agentic_assets.policy.rollout.control import ANY, SERVING, Control, Kind, Phase, Stage
from agentic_assets.policy.rollout.controls import Controls
from agentic_assets.policy.rollout.gate import ROLLED, roll_out
from agentic_assets.policy.rollout.resolving import Course, InForce, State, course, in_force, resolve, turning_points
from agentic_assets.policy.rollout.single import Gate, bucket
from agentic_assets.policy.rollout.standing import Orders

__all__ = [
    "ANY",
    "ROLLED",
    "SERVING",
    "WHOLE",
    "Control",
    "Controls",
    "Course",
    "Gate",
    "InForce",
    "Kind",
    "Orders",
    "Phase",
    "Stage",
    "State",
    "bucket",
    "buckets",
    "course",
    "in_force",
    "resolve",
    "roll_out",
    "turning_points",
]
