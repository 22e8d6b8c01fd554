"""What is different on a Hugging Face Space: it is reached from outside, and all that it writes has to stay in one place."""

from __future__ import annotations

import os
from pathlib import Path


def on_space() -> bool:
    """Whether this is one. Who may see it is up to its owner there, so it asks for no sign-in of its own."""
    return "SPACE_ID" in os.environ


def keep_in(home: Path) -> None:
    """Everything that is written goes below this folder: uploads always, on a Space also what comes from the hub, which on a
    person's own computer stands where their other programs look for it."""
    os.environ.setdefault("GRADIO_TEMP_DIR", str(home / "uploads"))
    if on_space():
        os.environ.setdefault("HF_HOME", str(home / "huggingface"))


def lends_cards() -> bool:
    """Whether this is a ZeroGPU Space, which lends a graphics card for the length of one decorated call.

    Teaching goes on for minutes in a thread, so there the studio works on the processor; but such a Space starts only if
    something is decorated. Ask before torch is imported.
    """
    try:
        import spaces
    except ImportError:
        return False
    spaces.GPU(lambda: None)
    return os.environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true")
