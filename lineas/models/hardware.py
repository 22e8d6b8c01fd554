"""What this computer has: which device and dtype to use, and whether a model fits."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil
import torch

from lineas.errors import LineasError
from lineas.models.memory import HALF_THE_MEMORY, Evictable

GB = 1024**3
ALL_THREADS = torch.get_num_threads()
ALL_BUT_ONE = max(1, ALL_THREADS - 1)
"""For an answer that is read as it grows: where it takes all cores, each layer waits for the thread that just gave way to the
browser. On two cores and a page it comes 1.4 times as fast with one of them."""
_OVERHEAD = 1.2  # accelerate's rule: a model in use takes up to a fifth more than its weights
_DTYPES = {
    "float32": torch.float32,
    "fp32": torch.float32,
    "bfloat16": torch.bfloat16,
    "bf16": torch.bfloat16,
    "float16": torch.float16,
    "fp16": torch.float16,
    "half": torch.float16,
}


def choose_device(device: str | torch.device | None = None) -> torch.device:
    """The device to run on: the one asked for ("cpu", "cuda", "cuda:1", "mps"), or the best that is there.

    Raises:
        LineasError: where the word means no device, or this computer does not have it.
    """
    if device is None:
        if torch.cuda.is_available():
            return max((torch.device("cuda", i) for i in range(torch.cuda.device_count())), key=free_memory)
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        chosen = torch.device(device)
    except RuntimeError:
        chosen = torch.device("meta")
    if chosen.type not in ("cpu", "cuda", "mps"):
        raise LineasError(
            f"There is no device called {str(device)!r}. Choose cpu, cuda, cuda:1 (the second card) or mps."
        )
    if chosen.type == "cuda" and not torch.cuda.is_available():
        raise LineasError(
            f"The device {str(device)!r} was asked for, but PyTorch finds no graphics card that it can use here. "
            "Choose cpu, or install the PyTorch build for your card."
        )
    if chosen.type == "cuda" and (chosen.index or 0) >= torch.cuda.device_count():
        last = torch.cuda.device_count() - 1
        raise LineasError(f"There is no graphics card {str(device)!r} here: they are numbered cuda:0 to cuda:{last}.")
    if chosen.type == "mps" and not torch.backends.mps.is_available():
        raise LineasError("The device 'mps' was asked for, but it needs a Mac with an Apple chip. Choose cpu.")
    return chosen


def choose_dtype(device: torch.device, dtype: str | torch.dtype | None = None) -> torch.dtype:
    """The dtype to hold weights in: the one asked for, or the best for the device.

    CUDA: bfloat16 where the card computes it, else float16. MPS and CPU: float32; Apple's float16 overflows in models that
    were trained in bfloat16 (Gemma), and CPUs without AMX are four times slower in bfloat16 than in float32.

    Raises:
        LineasError: where the word means no floating-point dtype that models are held in.
    """
    if dtype is None:
        if device.type != "cuda":
            return torch.float32
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
    word = str(dtype).removeprefix("torch.").lower()
    if word not in _DTYPES:
        raise LineasError(f"{word!r} is no number format for a model's weights. Choose float32, bfloat16 or float16.")
    return _DTYPES[word]


@contextmanager
def threads(count: int) -> Iterator[None]:
    """PyTorch computes on so many processor cores inside the ``with`` block; its matrix products do so in all threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def free_memory(device: torch.device) -> int:
    """Bytes that a model can still take on a device."""
    if device.type == "cuda":
        unused = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)  # PyTorch keeps it for reuse
        return int(torch.cuda.mem_get_info(device)[0]) + unused
    if device.type == "mps":
        return int(torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory())
    return min(int(psutil.virtual_memory().available), _free_in_container())


def _free_in_container(group: Path = Path("/sys/fs/cgroup")) -> int:
    """Bytes left below a container's limit (Linux, cgroup 2), which the computer's free memory does not show."""
    try:
        limit = int((group / "memory.max").read_text())
        used = int((group / "memory.current").read_text())
        statistics = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):  # no container, or one without a limit ("max")
        return 2**63
    return limit - used + int(statistics["inactive_file"])  # file cache gives way


def estimate_memory(parameter_count: int, dtype: torch.dtype) -> int:
    """Bytes that a model of so many parameters takes, known before it is loaded."""
    return int(parameter_count * dtype.itemsize * _OVERHEAD)


@dataclass(frozen=True)
class Room:
    """What this computer has for a model: the device and the dtype as words ("cpu", "float32"), and the bytes that are free."""

    device: str
    dtype: str
    free: int

    def needed(self, parameter_count: int, packed: bool = False) -> int:
        """Bytes that a model of so many parameters takes here, at the most; a ``packed`` one (GGUF) is there twice for a moment."""
        return estimate_memory(parameter_count, _DTYPES[self.dtype]) * (2 if packed else 1)


def room(
    device: str | torch.device | None = None, dtype: str | torch.dtype | None = None, given_back: int = 0
) -> Room:
    """What there is for a model that is asked for like this; ``given_back`` bytes are in use and will not be then."""
    chosen = choose_device(device)
    word = str(choose_dtype(chosen, dtype)).removeprefix("torch.")
    return Room(str(chosen), word, free_memory(chosen) + given_back)


def choose_place(
    parameter_count: int,
    name: str,
    device: torch.device,
    dtype: torch.dtype,
    may_spread: bool = False,
    present: Evictable | None = None,
) -> torch.device | Literal["auto"]:
    """Where a model goes: the device if it fits there, else (``may_spread``) "auto": all graphics cards together.

    Refusing here is kinder than a computer that swaps, or that runs out of memory halfway.

    Args:
        parameter_count: number of weights.
        name: the model, as the user wrote it.
        device: the device that was chosen.
        dtype: what the weights are to be held in.
        present: a model whose memory counts as free, because it can leave.

    Raises:
        LineasError: where it does not fit.
    """

    def free_on(device: torch.device) -> int:
        return free_memory(device) + (present.size_on(device) if present else 0)

    needed, free = estimate_memory(parameter_count, dtype), free_on(device)
    where = "this computer" if device.type == "cpu" else str(device)
    if needed <= free:
        return device
    if may_spread and device.type == "cuda" and torch.cuda.device_count() > 1:
        free = sum(free_on(torch.device("cuda", i)) for i in range(torch.cuda.device_count()))
        where = "all graphics cards together"
        if needed <= free:
            return "auto"
    half = HALF_THE_MEMORY if dtype == torch.float32 else ""
    raise LineasError(
        f"The model {name!r} needs about {_in_gb(needed)} of memory, and {_in_gb(free)} are free on {where}. "
        f"Choose a smaller model or close other programs{half}."
    )


def _in_gb(size: int) -> str:
    return f"{max(size, 0) / GB:.1f} GB"
