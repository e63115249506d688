"""What tests of a user's own domain may import: proofs of a feature set, as one assertion."""

from agentic_assets.testing.features import assert_proved

__all__ = ["assert_proved"]
