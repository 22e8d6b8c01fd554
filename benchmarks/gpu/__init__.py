"""On a graphics card: exactness, steps, answers, memory, and whether compiling the decode would pay. Needs no Gradio."""

import argparse
import time

import torch

from benchmarks.gpu import answers, checks, compiled, training
from benchmarks.gpu.networks import QUICK, SIZES, Size, fits, random_model
from benchmarks.report import stamp, table, write_tables
from lineas.errors import LineasError
from lineas.models.builtin import default_model_folder
from lineas.models.load import load_model
from lineas.models.loaded import LoadedModel
from lineas.models.memory import give_memory_back

SECONDS = 8 * 60
"""Time for everything; what does not begin within it is left out, and the page says so."""
PARTS = (checks, training, answers, compiled)
"""Modules with ``HEAD``, the columns of their table, and ``measure(model, rounds)``, its row for one model."""
DTYPES = (torch.bfloat16, torch.float32)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=5, help="rounds of every comparison (default: 5)")
    parser.add_argument(
        "--quick",
        action="store_true",
        help="a tiny network on whatever there is, to see that the program works; prints only",
    )


def run(arguments: argparse.Namespace) -> None:
    if not arguments.quick and not torch.cuda.is_available():
        raise LineasError(
            "PyTorch finds no graphics card here. With --quick, a tiny network is measured on the processor."
        )
    text = _measure(1 if arguments.quick else arguments.rounds, arguments.quick)
    if arguments.quick:
        print(text)
    else:
        write_tables("gpu", text)


def _measure(rounds: int, quick: bool) -> str:
    """All tables, in Markdown."""
    began = time.perf_counter()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    rows: dict[str, list[list[str]]] = {part.__name__: [] for part in PARTS}
    left_out = []
    for size, dtype in _cells(quick):
        name = f"{size.name}, {str(dtype).removeprefix('torch.')}"
        if time.perf_counter() - began > SECONDS:
            left_out.append(f"{name} (no time left)")
            continue
        if not fits(size, dtype, device):
            left_out.append(f"{name} (too large for the memory)")
            continue
        model = _load(size, dtype, device)
        for part in PARTS:
            if time.perf_counter() - began > SECONDS:
                left_out.append(f"{part.__name__.rpartition('.')[2]} of {name} (no time left)")
                continue
            print(f"{time.perf_counter() - began:4.0f} s  {name}: {part.__name__}", flush=True)
            rows[part.__name__].append([name, *part.measure(model, rounds)])
        del model
        give_memory_back()
    tables = [table(("model", *part.HEAD), rows[part.__name__]) for part in PARTS]
    where = torch.cuda.get_device_name() if device.type == "cuda" else "no card: the processor"
    notes = f"\n\nLeft out: {', '.join(left_out)}." if left_out else ""
    return "\n\n".join(tables) + f"{notes}\n\n{stamp()} Device: {where}; {time.perf_counter() - began:.0f} s in all."


def _cells(quick: bool) -> list[tuple[Size, torch.dtype]]:
    if quick:
        return [(QUICK, dtype) for dtype in DTYPES]
    # the most telling ones first, should time run out
    return [(size, dtype) for dtype in DTYPES for size in SIZES if size.config or default_model_folder().is_dir()]


def _load(size: Size, dtype: torch.dtype, device: torch.device) -> LoadedModel:
    return random_model(size, dtype, device) if size.config else load_model("default", device=device, dtype=dtype)
