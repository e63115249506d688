"""What others may import from the releases."""

from agentic_assets import releases
from agentic_assets.releases import difference
from agentic_assets.simulation import impact


def test_the_public_face_of_releases_is_pinned() -> None:
    assert sorted(releases.__all__) == [
        "Activation",
        "Activations",
        "Declared",
        "InForce",
        "Library",
        "Makers",
        "Release",
        "Releases",
        "Snapshot",
        "Snapshots",
        "declared",
        "library",
        "load_version",
        "made_from",
        "reshaped",
        "rows_of",
    ]
    assert all(hasattr(releases, name) for name in releases.__all__)


def test_the_public_face_of_differences_is_pinned() -> None:
    assert difference.__all__ == ["Difference", "FileChange", "Move", "Side", "compare", "released", "working"]
    assert impact.__all__ == ["Impact", "Moved", "weigh", "write_page"]
