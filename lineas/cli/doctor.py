"""``lineas doctor``: what this computer has, and what is missing."""

import argparse
import os
import platform
import shutil
import threading
import urllib.error
import urllib.request
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from lineas.cli.start_checks import start_checks
from lineas.cli.terminal import Terminal
from lineas.errors import LineasError
from lineas.files import check_writable, home
from lineas.version import __version__

HELP = "show device, memory, versions, built-in model and home folder, and what is missing"
EXAMPLE = "  lineas doctor"
PACKAGES = ("torch", "transformers", "gradio", "datasets", "safetensors", "accelerate", "gguf")
HUB_SECONDS = 3.0
"""How long the Hugging Face hub may take to answer."""
GB = 1024**3


def add_flags(parser: argparse.ArgumentParser) -> None:
    pass


def run(flags: argparse.Namespace, terminal: Terminal) -> None:
    """Print what was found. Changes nothing, except for a test file in the home folder.

    Raises:
        LineasError: something is missing that everything needs.
    """
    hub = _HubCheck()
    hub.start()  # runs while torch is imported
    versions: dict[str, str | None] = {"lineas": __version__, "python": platform.python_version()}
    versions |= {name: _version(name) for name in PACKAGES}
    problems = [f"The package {name} is missing." for name, found in versions.items() if not found]
    device: dict[str, Any] | None = None
    if versions["torch"]:
        try:
            device = _device()
        except (ImportError, OSError) as error:
            problems.append(f"PyTorch is installed, but does not start ({str(error).splitlines()[0]}).")
    folder = _home()
    if not folder["writable"]:
        problems.append(folder["reason"])
    data = {
        "versions": versions,
        "device": device,
        "default_model": _default_model(),
        "judge": _judge(),
        "start": start_checks(),
        "home": folder,
        "hub": hub.result(),
        "problems": problems,
    }
    terminal.result(data, _table(data))
    if problems:
        raise LineasError(f"{' '.join(problems)} Run 'pip install -r requirements.txt' to install missing packages.")


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _device() -> dict[str, Any]:
    import psutil
    import torch

    from lineas.models.hardware import choose_device, choose_dtype, free_memory

    device = choose_device()
    return {
        "name": str(device),
        "cards": [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())],
        "dtype": str(choose_dtype(device)).removeprefix("torch."),
        "free_bytes": free_memory(device),
        "threads": torch.get_num_threads(),
        "memory_bytes": psutil.virtual_memory().total,
    }


def _default_model() -> dict[str, Any]:
    try:
        from lineas.models.builtin import default_model_folder

        folder = default_model_folder()
    except (LineasError, ImportError):  # reported elsewhere: an unwritable home, or a missing package
        return {"present": False, "folder": None}
    return {"present": folder.is_dir(), "folder": str(folder)}


def _judge() -> dict[str, Any]:
    """Whether the judge's language model is here; checks leave the judge out where it is not."""
    try:
        from lineas.evaluation.metrics.embeddings import NAME

        return {"present": (home() / "models" / NAME).is_dir()}
    except (LineasError, ImportError, OSError):  # reported elsewhere
        return {"present": False}


def _home() -> dict[str, Any]:
    try:
        folder = home()
    except LineasError as error:
        return {"folder": "", "writable": False, "free_bytes": 0, "reason": str(error)}
    reason = ""
    try:
        check_writable(folder)
    except LineasError as error:
        reason = str(error)
    existing = next(path for path in (folder, *folder.parents) if path.is_dir())
    free = shutil.disk_usage(existing).free
    return {"folder": str(folder), "writable": not reason, "free_bytes": free, "reason": reason}


class _HubCheck(threading.Thread):
    """Checks whether the Hugging Face hub answers, in a thread, since looking up a host name has no time limit."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.address = os.environ.get("HF_ENDPOINT", "https://huggingface.co")
        self.reason = f"no answer within {HUB_SECONDS:g} s"

    def run(self) -> None:
        try:
            with urllib.request.urlopen(urllib.request.Request(self.address, method="HEAD"), timeout=HUB_SECONDS):
                self.reason = ""
        except urllib.error.HTTPError:  # an error code is an answer, too
            self.reason = ""
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
            self.reason = str(getattr(reason, "strerror", None) or reason).lower()

    def result(self) -> dict[str, Any]:
        self.join(HUB_SECONDS)
        reason = self.reason
        return {"address": self.address, "reachable": not reason, "reason": reason}


def _table(data: dict[str, Any]) -> str:
    versions, device, model, folder, hub = (
        data[key] for key in ("versions", "device", "default_model", "home", "hub")
    )
    rows = {"LinEAS": f"{versions['lineas']} on Python {versions['python']}"}
    rows["packages"] = ", ".join(f"{name} {versions[name] or 'MISSING'}" for name in PACKAGES)
    if device:
        means = ", ".join(device["cards"]) or f"{device['threads']} threads"
        rows["device"] = f"{device['name']} ({means}), computes in {device['dtype']}"
        free, total = device["free_bytes"] / GB, device["memory_bytes"] / GB
        rows["memory"] = f"{free:.1f} GB free for a model; this computer has {total:.1f} GB"
    missing = "not downloaded yet; this happens at first use, or now with 'lineas fetch'"
    rows["built-in model"] = "ready" if model["present"] else missing
    absent = "not downloaded: health checks leave the judge out until 'lineas fetch' brings its language model (84 MB)"
    rows["judge"] = "ready" if data["judge"]["present"] else absent
    rows["home folder"] = f"{folder['folder']}{'' if folder['writable'] else ' (CANNOT BE WRITTEN)'}"
    rows["disk"] = f"{folder['free_bytes'] / GB:.1f} GB free"
    silent = f"does not answer ({hub['reason']}); the built-in model works without it"
    rows["Hugging Face hub"] = f"{hub['address']} {'answers' if hub['reachable'] else silent}"
    rows["the studio"] = "can start" if not data["start"] else data["start"][0]
    more = [("", sentence) for sentence in data["start"][1:]]
    return "\n".join(f"{name:<17} {what}" for name, what in [*rows.items(), *more])
