"""Run by torchrun: trains tiny models on two processes in every way that tests/training/test_distributed.py looks at.

Each case ends in one map for each rank, ``<case>.<rank>.safetensors`` in the folder given.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
from tiny import SOURCE, TARGET, make_config, make_model, make_tokenizer
from torch import distributed
from torch.distributed.fsdp import fully_shard
from transformers import AutoModelForCausalLM
from transformers.distributed import DistributedConfig

from lineas import LineasError, Recipe, SteeringMap, train, wrap_model
from lineas.models.loaded import LoadedModel
from lineas.training import gradients, objective, trainer
from lineas.training.distributed import process_group
from lineas.training.events import Checkpoint, Done
from lineas.training.launch import Launch
from lineas.training.parameters import Parameters

ANCHORED = Recipe("test", "site-adam", 1e-2, 6, source_batch=5, anchor=0.3, anchor_batch=3, by_site=True)
PAPER = Recipe("test", "sgd", 0.05, 6)
CASES = {
    "anchored": ANCHORED,
    "paper": PAPER,
    "one sentence a step": replace(ANCHORED, source_batch=1, anchor_batch=1),
    "nothing to read": replace(PAPER, source_batch=1),
    "two passes": ANCHORED,
    "one rank out of memory": ANCHORED,
    "sharded": replace(ANCHORED, source_batch=1, anchor_batch=2),
    "tensor parallel": ANCHORED,
    "resumed": ANCHORED,
    "began on two": ANCHORED,
}
FIRST_STEPS = 3


def trained(model: LoadedModel, recipe: Recipe, group: Any = None, resume_from: Path | None = None) -> SteeringMap:
    *_, done = train(model, SOURCE, TARGET, recipe, group=group, resume_from=resume_from)
    assert isinstance(done, Done)
    return done.map


def begin(model: LoadedModel, recipe: Recipe, path: Path, group: Any = None) -> None:
    """Train the first steps and save the checkpoint."""
    with patch.object(trainer, "SECONDS_BETWEEN_CHECKPOINTS", 0.0):
        for event in train(model, SOURCE, TARGET, recipe, group=group):
            if isinstance(event, Checkpoint) and event.step == FIRST_STEPS:
                event.save(path)
                return


@contextmanager
def failing_once(owner: object, name: str) -> Iterator[None]:
    """Let the third call of a function run out of memory."""
    real, calls = getattr(owner, name), []

    def fail(*arguments: Any, **more: Any) -> Any:
        calls.append(name)
        if len(calls) == 3:
            raise torch.OutOfMemoryError("out of memory")
        return real(*arguments, **more)

    with patch.object(owner, name, fail):
        yield
    assert len(calls) > 3


def out_of_memory(model: LoadedModel, group: Any, rank: int) -> SteeringMap:
    """One rank fails before the ranks exchange their means, the other one after that, in another step."""
    place = (gradients, "site_means") if rank else (Parameters, "divide_gradients")
    with failing_once(*place):
        return trained(model, ANCHORED, group)


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    launch, model = Launch.here(), make_model("llama")
    with process_group(launch) as group:

        def two_passes() -> SteeringMap:
            # too few for one graph, on rank 1 only: each rank may take its own way
            with patch.object(objective, "tokens_that_fit", lambda model: 40 - 30 * launch.rank):
                return trained(model, CASES["two passes"], group)

        def began_on_two() -> SteeringMap:
            begin(model, ANCHORED, folder / f"began.{launch.rank}", group)
            return SteeringMap.identity({site.name: site.width for site in model.sites})

        ways: dict[str, Callable[[], SteeringMap]] = {
            "two passes": two_passes,
            "one rank out of memory": lambda: out_of_memory(model, group, launch.rank),
            "sharded": lambda: trained(sharded(), CASES["sharded"], group),
            "tensor parallel": lambda: trained(tensor_parallel(folder), CASES["tensor parallel"]),
            "resumed": lambda: trained(model, ANCHORED, group, folder / "began alone"),
            "began on two": began_on_two,
        }
        for name, recipe in CASES.items():
            way = ways.get(name, lambda recipe=recipe: trained(model, recipe, group))
            way().save(folder / f"{name}.{launch.rank}.safetensors")
        try:
            trained(tensor_parallel(folder), ANCHORED, group)
        except LineasError as error:
            (folder / f"refused.{launch.rank}").write_text(str(error), encoding="utf-8")
        distributed.barrier(group)


def sharded() -> LoadedModel:
    network = make_model("llama").network
    for block in network.model.layers:
        fully_shard(block)
    fully_shard(network)
    return wrap_model(network, make_tokenizer(), id="tiny-llama")


def with_two_heads() -> LoadedModel:
    """A model whose key heads can be dealt to two processes."""
    config = make_config("llama")
    config.num_key_value_heads = 2
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = AutoModelForCausalLM.from_config(config)
    return wrap_model(network, make_tokenizer(), id="tiny-llama")


def tensor_parallel(folder: Path) -> LoadedModel:
    how = DistributedConfig(tp_plan="auto")
    network = AutoModelForCausalLM.from_pretrained(folder / "model", distributed_config=how)
    return wrap_model(network, make_tokenizer(), id="tiny-llama")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
