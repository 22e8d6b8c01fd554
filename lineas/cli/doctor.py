"""``lineas doctor``: what this computer has, and what is missing."""

import argparse
import os
import platform
import shutil
import threading
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from lineas.cli.terminal import Terminal
from lineas.errors import LineasError
from lineas.files import home, make_folder, writing
from lineas.version import __version__

HELP = "what was found: device, memory, versions, built-in model, home folder"
EXAMPLE = "  lineas doctor"
PACKAGES = ("torch", "transformers", "gradio", "datasets", "safetensors", "accelerate", "gguf")
HUB_SECONDS = 3.0
GB = 1024**3


@dataclass(frozen=True)
class Hub:
    """Whether the Hugging Face hub answers; only other models than the built-in one need it."""

    address: str
    reachable: bool
    reason: str


def add_flags(parser: argparse.ArgumentParser) -> None:
    pass


def run(flags: argparse.Namespace, terminal: Terminal) -> None:
    """Looks around; changes nothing but a probe in the home folder.

    Raises:
        LineasError: where something is missing without which nothing works.
    """
    knock = _Knock()
    knock.start()  # it waits for the network while torch is imported
    versions = {"lineas": __version__, "python": platform.python_version()} | {
        name: _version(name) for name in PACKAGES
    }
    problems = [f"The package {name} is missing." for name, found in versions.items() if not found]
    device: dict[str, Any] | None = None
    if versions["torch"]:
        try:
            device = _device()
        except (ImportError, OSError) as error:
            problems.append(f"PyTorch is there, but cannot be started ({str(error).splitlines()[0]}).")
    kept = _home()
    if not kept["writable"]:
        problems.append(kept["reason"])
    hub = knock.answer()
    data = {
        "versions": versions,
        "device": device,
        "default_model": _default_model(),
        "home": kept,
        "hub": asdict(hub),
        "problems": problems,
    }
    terminal.result(data, _table(data))
    if problems:
        raise LineasError(
            " ".join(problems) + " See above for what was found; 'pip install -r requirements.txt' brings packages."
        )


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
    cards = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
    return {
        "name": str(device),
        "cards": cards,
        "dtype": str(choose_dtype(device)).removeprefix("torch."),
        "free_bytes": free_memory(device),
        "threads": torch.get_num_threads(),
        "memory_bytes": psutil.virtual_memory().total,
    }


def _default_model() -> dict[str, Any]:
    try:
        from lineas.models.builtin import default_model_folder

        folder = default_model_folder()
    except (LineasError, ImportError):  # told elsewhere: a home that cannot be written, a package that is missing
        return {"present": False, "folder": None}
    return {"present": folder.is_dir(), "folder": str(folder)}


def _home() -> dict[str, Any]:
    folder, reason = home(), ""
    probe = folder / ".doctor"
    try:
        make_folder(folder)
        with writing(folder):
            probe.touch()
            probe.unlink()
    except LineasError as error:
        reason = str(error)
    return {"folder": str(folder), "writable": not reason, "free_bytes": _free_disk(folder), "reason": reason}


def _free_disk(folder: Path) -> int:
    there = next(place for place in (folder, *folder.parents) if place.is_dir())
    return shutil.disk_usage(there).free


class _Knock(threading.Thread):
    """Asks the hub for a sign of life. A look-up of its name may hang for longer than any time limit, a thread does not care."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.address = os.environ.get("HF_ENDPOINT", "https://huggingface.co")
        self.reason = f"no answer within {HUB_SECONDS:g} s"
        self.reachable = False

    def run(self) -> None:
        try:
            with urllib.request.urlopen(urllib.request.Request(self.address, method="HEAD"), timeout=HUB_SECONDS):
                self.reachable, self.reason = True, ""
        except urllib.error.HTTPError:  # an answer is an answer
            self.reachable, self.reason = True, ""
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
            self.reason = str(getattr(reason, "strerror", None) or reason).lower()

    def answer(self) -> Hub:
        self.join(HUB_SECONDS)
        return Hub(self.address, self.reachable, self.reason)


def _table(data: dict[str, Any]) -> str:
    versions, device, model, kept, hub = (data[key] for key in ("versions", "device", "default_model", "home", "hub"))
    rows = [("LinEAS", f"{versions['lineas']} on Python {versions['python']}")]
    rows.append(("packages", ", ".join(f"{name} {versions[name] or 'MISSING'}" for name in PACKAGES)))
    if device:
        means = ", ".join(device["cards"]) or f"{device['threads']} threads"
        rows.append(("device", f"{device['name']} ({means}), computes in {device['dtype']}"))
        free, total = device["free_bytes"] / GB, device["memory_bytes"] / GB
        rows.append(("memory", f"{free:.1f} GB free for a model; this computer has {total:.1f} GB"))
    there = "ready" if model["present"] else "not here yet; it is fetched at first use, or now with 'lineas fetch'"
    rows.append(("built-in model", there))
    rows.append(("home folder", f"{kept['folder']}{'' if kept['writable'] else ' (CANNOT BE WRITTEN)'}"))
    rows.append(("disk", f"{kept['free_bytes'] / GB:.1f} GB free"))
    answers = (
        "answers" if hub["reachable"] else f"does not answer ({hub['reason']}); the built-in model works without it"
    )
    rows.append(("Hugging Face hub", f"{hub['address']} {answers}"))
    return "\n".join(f"{name:<17} {what}" for name, what in rows)
