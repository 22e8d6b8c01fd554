"""Opening the page in its own window: a browser in app mode if one is installed, else a tab of the default browser."""

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
    """Open the page without address bar and tabs. False if it became a tab of the default browser instead."""
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
        except OSError:  # it exists but cannot be started
            continue
    webbrowser.open(url)
    return False


def _browsers() -> Iterator[str]:
    for command in COMMANDS:
        if found := shutil.which(command):
            yield found
    if sys.platform == "darwin":
        folders = (Path("/Applications"), Path.home() / "Applications")
        candidates = [folder / name for name in MAC for folder in folders]
    else:
        roots = [*map(os.environ.get, ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"))]
        candidates = [Path(root) / name for name in WINDOWS for root in roots if root]
    yield from (str(path) for path in candidates if path.is_file())
