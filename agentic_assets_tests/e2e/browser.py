"""Drive a real Chromium."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Response

__all__ = ["MISSING", "Visit", "chromium", "find_chromium", "visit"]

MISSING = (
    "there is no Chromium; install Debian's with `apt-get install -y chromium`, or name another in "
    "AGENTIC_TEST_CHROMIUM=/path/to/chromium"
)
_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_chromium() -> Path | None:
    """Find the browser: the one that AGENTIC_TEST_CHROMIUM names, else the system's."""
    named = os.environ.get("AGENTIC_TEST_CHROMIUM")
    found = named or shutil.which("chromium", path=f"/usr/bin:{os.environ.get('PATH', '')}")
    return Path(found) if found and os.access(found, os.X_OK) else None


@contextmanager
def chromium() -> Iterator["Browser"]:
    """Run a headless Chromium that reaches nothing but this machine."""
    program = find_chromium()
    if program is None:
        raise RuntimeError(MISSING)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(program), args=list(_FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@dataclass(frozen=True)
class Visit:
    """An open page, and everything that went wrong on it so far."""

    page: "Page"
    errors: list[str] = field(default_factory=list)

    def shoot(self, folder: Path, name: str) -> Path:
        """Save a picture of the page as it is."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}.png"
        self.page.screenshot(path=str(path))
        return path


@contextmanager
def visit(browser: "Browser", url: str, *, width: int = 1_600, height: int = 1_000) -> Iterator[Visit]:
    """Open a page and collect its console errors, uncaught exceptions and answers of 400 and above."""
    page = browser.new_page(viewport={"width": width, "height": height})
    opened = Visit(page)

    def failed(response: "Response") -> None:
        if response.status >= 400:
            opened.errors.append(f"{response.status} {response.url}")

    page.on("console", lambda message: opened.errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: opened.errors.append(str(error)))
    page.on("response", failed)
    try:
        page.goto(url)
        yield opened
    finally:
        page.close()
