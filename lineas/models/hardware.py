"""Choosing a device and a dtype, and checking whether a model fits into memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil
import torch

from lineas.errors import LineasError
from lineas.models.memory import HALF_THE_MEMORY, Evictable
from lineas.models.quantize import quantized_dtype, weight_share

GB = 1024**3
ALL_THREADS = torch.get_num_threads()
ALL_BUT_ONE = max(1, ALL_THREADS - 1)
"""Number of threads for streamed answers. With all of them, each layer waits for the thread that just gave way to the browser:
on two cores an answer on the page comes 1.4 times as fast with one thread."""
_OVERHEAD = 1.2
"""Memory of a model in use, relative to its weights (accelerate's rule)."""
_DTYPES = {
    **dict.fromkeys(("float32", "fp32"), torch.float32),
    **dict.fromkeys(("bfloat16", "bf16"), torch.bfloat16),
    **dict.fromkeys(("float16", "fp16", "half"), torch.float16),
}


def choose_device(device: str | torch.device | None = None) -> torch.device:
    """Check the requested device ("cpu", "cuda", "cuda:1", "mps"), or choose the best one: the emptiest CUDA card, MPS, or the CPU.

    Raises:
        LineasError: unknown device, or one that this computer does not have.
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
    """Check the requested dtype, or choose the best one for the device.

    CUDA: bfloat16 if the card supports it natively, else float16. MPS and CPU: float32, because Apple's float16 overflows in models
    that were trained in bfloat16 (Gemma), and CPUs without AMX are four times slower in bfloat16.

    Raises:
        LineasError: not float32, bfloat16 or float16.
    """
    if dtype is None:
        if device.type != "cuda":
            return torch.float32
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
    word = str(dtype).removeprefix("torch.").lower()
    if word not in _DTYPES:
        raise LineasError(f"There is no number format {word!r} for weights. Choose float32, bfloat16 or float16.")
    return _DTYPES[word]


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Set PyTorch's number of CPU threads in this context. Matrix products of other Python threads are limited, too."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def free_memory(device: torch.device) -> int:
    """Bytes of memory that a model can still take on a device."""
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
    except (OSError, ValueError):  # no container, or no limit ("max")
        return 2**63
    return limit - used + int(statistics["inactive_file"])  # the file cache can be dropped


def estimate_memory(parameter_count: int, dtype: torch.dtype) -> int:
    """Estimate the bytes that a model takes, before it is loaded."""
    return int(parameter_count * dtype.itemsize * _OVERHEAD)


@dataclass(frozen=True)
class Room:
    """Memory that is free for a model.

    Attributes:
        device, dtype: names such as "cpu" and "float32".
        free: bytes.
        share: of its size in that dtype that a model takes, less than 1 where it is quantised.
    """

    device: str
    dtype: str
    free: int
    share: float = 1.0

    def needed(self, parameter_count: int, packed: bool = False) -> int:
        """Most bytes that a model takes here; a ``packed`` one (GGUF) is in memory twice for a moment."""
        size = estimate_memory(parameter_count, _DTYPES[self.dtype])
        return 2 * size if packed else int(self.share * size)


def room(
    device: str | torch.device | None = None,
    dtype: str | torch.dtype | None = None,
    freed: int = 0,
    quantize: str | None = None,
) -> Room:
    """Memory that is free for a model on this device and in this dtype, plus ``freed`` bytes that will be given back."""
    chosen = choose_device(device)
    found = choose_dtype(chosen, quantized_dtype(chosen, dtype) if quantize else dtype)
    word = str(found).removeprefix("torch.")
    return Room(str(chosen), word, free_memory(chosen) + freed, weight_share(quantize, found))


def choose_place(
    parameter_count: int,
    name: str,
    device: torch.device,
    dtype: torch.dtype,
    may_spread: bool = False,
    present: Evictable | None = None,
) -> torch.device | Literal["auto"]:
    """Return the device if the model fits there, else "auto" (all graphics cards together) if ``may_spread``.

    Refusing early is kinder than a computer that swaps, or that runs out of memory halfway.

    Args:
        parameter_count: number of weights.
        name: the model, as the user wrote it.
        present: a model whose memory counts as free, because it can leave.

    Raises:
        LineasError: it does not fit.
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
