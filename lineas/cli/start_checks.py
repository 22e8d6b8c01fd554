"""What may keep the studio from starting on this computer, each with its remedy, for ``lineas doctor``."""

import os
import sys
from pathlib import Path

from lineas.errors import LineasError
from lineas.files import as_path, check_writable
from lineas.server.network import DEFAULT_PORT, check_port
from lineas.ui.opening import CERTIFICATES, PROXIES

BUSY_LOAD = 2.0
"""Load of each processor core from which a machine counts as busy."""


def start_checks() -> list[str]:
    """Look at everything that has kept a studio from starting, or made it slow. Empty if nothing is in its way."""
    found = [_home(), _port(), _uploads(), *_variables(), _console(), _sub_path(), _load()]
    return [sentence for sentence in found if sentence]


def _home() -> str:
    if as_path("~") == Path("~") and not os.environ.get("LINEAS_HOME"):
        return "This account has no folder of its own: set LINEAS_HOME to a folder that can be written."
    return ""


def _port() -> str:
    try:
        check_port("127.0.0.1", DEFAULT_PORT)
    except LineasError as error:
        return str(error)
    return ""


def _uploads() -> str:
    """Whether uploads can be kept where GRADIO_TEMP_DIR sends them; without it they are below the home folder."""
    if not (folder := os.environ.get("GRADIO_TEMP_DIR")):
        return ""
    try:
        check_writable(Path(folder))
    except LineasError as error:
        return f"Uploads cannot be kept in GRADIO_TEMP_DIR: {error} Or unset GRADIO_TEMP_DIR."
    return ""


def _variables() -> list[str]:
    found = []
    if proxies := [name for name in PROXIES[:-1] if os.environ.get(name) or os.environ.get(name.lower())]:
        found.append(
            f"{' and '.join(proxies)} {'is' if len(proxies) == 1 else 'are'} set: downloads go through that proxy, the studio's "
            "own page does not. If your browser does not find the page, let it reach 127.0.0.1 directly."
        )
    for name in CERTIFICATES:
        if (path := os.environ.get(name)) and not Path(path).exists():
            found.append(
                f"{name} names {path!r}, which does not exist, so downloads will fail. Correct it, or unset {name}."
            )
    return found


def _console() -> str:
    encoding = sys.stdout.encoding or "ascii"
    try:
        "… λ é".encode(encoding)
    except UnicodeEncodeError:
        return f"This console writes {encoding}, so some letters appear as question marks. Set PYTHONUTF8=1 to change that."
    return ""


def _sub_path() -> str:
    path = os.environ.get("GRADIO_ROOT_PATH", "")
    if path and not path.startswith(("/", "http://", "https://")):
        return f"GRADIO_ROOT_PATH is {path!r}. Write it with a slash in front, such as /{path.strip('/')}."
    return ""


def _load() -> str:
    try:
        load = os.getloadavg()[0] / (os.cpu_count() or 1)
    except (AttributeError, OSError):  # Windows has none
        return ""
    if load < BUSY_LOAD:
        return ""
    return f"This computer is busy (load {load:.1f} for each processor core): the page may take a minute to open. Just wait."
