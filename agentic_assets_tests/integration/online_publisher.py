"""Publish version after version of one partition into an online cache, until killed."""

import sys
from itertools import count
from pathlib import Path

from agentic_assets.features.online import Cache

KEYS = 400

if __name__ == "__main__":
    cache = Cache(Path(sys.argv[1]), "schema")
    for number in count():
        version = f"{number:064d}"
        packed = sorted((f"key {key}".encode(), version.encode() * 20) for key in range(KEYS))
        cache.publish({"day": (version, packed)})
        if number == 0:
            print("ready", flush=True)
