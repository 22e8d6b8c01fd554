"""Whether CUDA graphs would pay: the decode as it is, with a static cache, and compiled; without and with a map."""

from collections.abc import Callable
from contextlib import nullcontext

import torch
from transformers import CompileConfig, GenerationConfig

from benchmarks.gpu.networks import synchronised
from benchmarks.speed.decoding import small_map
from benchmarks.speed.timing import alternate
from lineas.errors import first_line
from lineas.models.loaded import LoadedModel
from lineas.steering.hooks import steer

TOKENS = 64
HEAD = (
    "static cache against today's, times as long",
    "compiled against today's, plain",
    "compiled against today's, steered",
)


def measure(model: LoadedModel, rounds: int) -> list[str]:
    ids = torch.randint(2, 300, (1, 16), generator=torch.Generator().manual_seed(0)).to(model.device)
    static = {"cache_implementation": "static", "disable_compile": True}
    # CUDA graphs are what "reduce-overhead" means; processors have none
    mode = "reduce-overhead" if model.device.type == "cuda" else "default"
    how = CompileConfig(fullgraph=False, mode=mode)
    how._compile_all_devices = True
    compiled = {"cache_implementation": "static", "compile_config": how}

    def decode(steered: bool, **settings: object) -> Callable[[], None]:
        own = GenerationConfig(
            max_new_tokens=TOKENS,
            min_new_tokens=TOKENS,
            do_sample=False,
            pad_token_id=0,
            eos_token_id=None,
            **settings,
        )
        mask = torch.ones_like(ids)

        def once() -> None:
            with torch.no_grad(), steer(model, small_map(model)) if steered else nullcontext():
                model.network.generate(input_ids=ids, attention_mask=mask, generation_config=own)  # type: ignore[operator]
            synchronised(model.device)

        return once

    return [
        _ratio(decode(False, **static), decode(False), rounds),
        _ratio(decode(False, **compiled), decode(False), rounds),
        _ratio(decode(True, **compiled), decode(True), rounds),
    ]


def _ratio(candidate: Callable[[], None], today: Callable[[], None], rounds: int) -> str:
    """How many times as long the candidate takes; or why it could not be measured."""
    torch._dynamo.reset()
    try:
        return alternate({"candidate": candidate, "today": today}, rounds, warmup=2).ratio("candidate", "today")
    except Exception as error:  # any compiler, driver or private function may fail; the table says how
        return f"failed ({type(error).__name__}: {first_line(error)[:80]})"
