"""A publisher that is killed leaves the old vectors or the new ones, never a mix."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from agentic_assets.features.online import Cache
from agentic_assets_tests.integration.online_publisher import KEYS


def test_twenty_kills_while_publishing_leave_one_whole_version(tmp_path: Path) -> None:
    moments = random.Random(20)
    seen = set()
    for _ in range(20):
        publisher = subprocess.Popen(
            [sys.executable, "-m", "agentic_assets_tests.integration.online_publisher", str(tmp_path)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert publisher.stdout is not None
        assert publisher.stdout.readline() == "ready\n"
        time.sleep(moments.uniform(0, 0.05))
        publisher.send_signal(signal.SIGKILL)
        publisher.wait()
        publisher.stdout.close()
        cache = Cache(tmp_path, "schema")
        version = cache.partitions()["day"]
        assert cache.count() == KEYS
        assert {cache.read(f"key {key}") for key in range(KEYS)} == {version.encode() * 20}
        cache.close()
        seen.add(version)
    assert len(seen) > 1
