"""A window of its own for the page: a browser in app mode where one is installed, else a tab of the default one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import webbrowser
from collections.abc import Iterator
from pathlib import Path

COMMANDS = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
    *("microsoft-edge", "microsoft-edge-stable", "msedge", "brave-browser"),
)
MAC = (
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Chromium.app/Contents/MacOS/Chromium",
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "Brave Browser.app/Contents/MacOS/Brave Browser",
)
WINDOWS = (
    r"Google\Chrome\Application\chrome.exe",
    r"Microsoft\Edge\Application\msedge.exe",
    r"Chromium\Application\chrome.exe",
)


def open_window(url: str) -> bool:
    """Opens the page without address bar and tabs. False where it became a tab of the default browser instead."""
    for browser in _browsers():
        try:
            subprocess.Popen(
                [browser, f"--app={url}"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl+C ends the studio, not the browser with all its other windows
            )
            return True
        except OSError:  # there, but not to be started
            continue
    webbrowser.open(url)
    return False


def _browsers() -> Iterator[str]:
    for command in COMMANDS:
        if found := shutil.which(command):
            yield found
    if sys.platform == "darwin":
        candidates = [
            folder / name for name in MAC for folder in (Path("/Applications"), Path.home() / "Applications")
        ]
    else:
        roots = [
            os.environ[name] for name in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA") if name in os.environ
        ]
        candidates = [Path(root) / name for name in WINDOWS for root in roots]
    yield from (str(path) for path in candidates if path.is_file())
