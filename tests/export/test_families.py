"""Exports of tiny models of 28 families: exact by stock means, or refused with a reason; never silently wrong."""

from pathlib import Path
from typing import Any

import pytest
import torch
from export_families import AS_LLAMA, EVERY, NO_ADAPTER, NO_CHECKPOINT, SHORT, save_family
from maps import random_map, random_shifts
from peft import AutoPeftModelForCausalLM
from torch import Tensor
from transformers import AutoModelForCausalLM

from lineas.errors import LineasError
from lineas.export.exporting import Format, export
from lineas.models.load import load_model
from lineas.models.loaded import LoadedModel
from lineas.models.sites import find_sites
from lineas.steering.hooks import steer
from lineas.steering.map import SteeringMap

STRENGTH = 0.7
EXACT = 3e-5
"""Largest difference of a logit, of logits up to 6."""
IDS = torch.randint(2, 64, (3, 20), generator=torch.Generator().manual_seed(1))


@torch.no_grad()
def off(network: Any, wanted: Tensor) -> float:
    """Largest difference of a logit."""
    logits = network.eval().float()(input_ids=IDS, use_cache=False).logits
    return float((logits - wanted).abs().max())


def map_of(kind: str, model: LoadedModel) -> SteeringMap:
    at_norms = random_map(find_sites(model.network, "default"), size=0.3)
    at_blocks = random_shifts(find_sites(model.network, "blocks"), seed=1, size=0.3)
    return {"norms": at_norms, "blocks": at_blocks, "both": at_norms.then(at_blocks)}[kind]


@pytest.mark.parametrize("kind", ["norms", "blocks", "both"])
@pytest.mark.parametrize("family", EVERY)
@pytest.mark.filterwarnings("ignore::UserWarning:peft")
def test_exact_or_refused(family: str, kind: str, tmp_path: Path) -> None:
    folder = save_family(tmp_path / "model", family)
    model = load_model(folder, device="cpu", dtype="float32")
    steering_map = map_of(kind, model)
    with torch.no_grad(), steer(model, steering_map, STRENGTH):
        wanted = model.network(input_ids=IDS, use_cache=False).logits
    assert off(model.network, wanted) > 300 * EXACT

    def refusal(format: Format) -> str:
        """Why the export was refused, which left nothing behind; empty if it was not."""
        try:
            export(steering_map, tmp_path / format, format=format, strength=STRENGTH, model=str(folder))
        except LineasError as error:
            assert not list(tmp_path.glob(f"*{format}*"))
            return str(error)
        return ""

    no_checkpoint, no_adapter = family in NO_CHECKPOINT[kind], family in NO_ADAPTER[kind]
    why = refusal("checkpoint")
    assert bool(why) == no_checkpoint, why
    assert ("--format peft" in why) == (no_checkpoint and not no_adapter)
    if not why:
        network = AutoModelForCausalLM.from_pretrained(tmp_path / "checkpoint")
        assert network.dtype == (torch.bfloat16 if family == SHORT else torch.float32)
        assert (network.config.model_type == "llama") == (family in (*AS_LLAMA, "llama", SHORT))
        assert off(network, wanted) < (0.1 if family == SHORT else EXACT)

    why = refusal("peft")
    assert bool(why) == no_adapter, why
    assert ("the map file itself with LinEAS" in why) == no_adapter
    assert ("--format checkpoint" in why) == (no_adapter and not no_checkpoint)
    if not why:
        adapted = AutoPeftModelForCausalLM.from_pretrained(tmp_path / "peft", dtype=torch.float32)
        assert off(adapted, wanted) < EXACT
