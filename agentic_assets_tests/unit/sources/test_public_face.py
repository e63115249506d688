from agentic_assets import sources


def test_the_public_face_is_what_is_written_down_here() -> None:
    assert sorted(sources.__all__) == [
        "Csv",
        "Days",
        "Download",
        "Files",
        "Format",
        "Parquet",
        "Snapshot",
        "Source",
        "Table",
        "daily_node",
        "days_by",
        "landing_node",
        "static_node",
    ]
    assert all(hasattr(sources, name) for name in sources.__all__)
