"""What differs on a Hugging Face Space: it is reached from outside, and everything it writes stays in one folder."""

import os
from pathlib import Path

from lineas.files import as_path


def on_space() -> bool:
    """Whether the studio runs on a Space. The Space's owner decides who may see it, so it asks for no sign-in of its own."""
    return "SPACE_ID" in os.environ


def set_folders(home: Path) -> None:
    """Keep uploads below ``home``, and downloads from the hub where other programs look; below ``home``, too, on a Space and for an
    account without a folder of its own."""
    os.environ.setdefault("GRADIO_TEMP_DIR", str(home / "uploads"))
    if on_space() or as_path("~") == Path("~"):
        os.environ.setdefault("HF_HOME", str(home / "huggingface"))


def has_zero_gpu() -> bool:
    """Whether this is a ZeroGPU Space, which lends a graphics card for the length of one decorated call.

    Teaching runs for minutes in a thread, so the studio uses the processor there; but such a Space starts only if some function is
    decorated. Call it before torch is imported.
    """
    try:
        import spaces
    except ImportError:
        return False
    spaces.GPU(lambda: None)
    return os.environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true")
