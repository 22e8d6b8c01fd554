"""GGUF files in the real llama.cpp: runs where the folder NODE_LLAMA_CPP has node-llama-cpp (see docs/export.md)."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import torch
from export_families import save_chatting
from maps import random_map

from lineas.evaluation.metrics.prompts import QUESTIONS
from lineas.export.exporting import export
from lineas.generation.prompts import Row, encode
from lineas.generation.sampling import Sampling
from lineas.models.load import load_model
from lineas.models.loaded import LoadedModel
from lineas.steering.hooks import steer
from lineas.steering.map import SteeringMap

INSTALLED = Path(os.environ.get("NODE_LLAMA_CPP", "node-llama-cpp is not here"))
SCRIPT = Path(__file__).with_name("llama.mjs")
TOKENS = 40
MAPS = Path(__file__).parents[2] / "assets" / "maps"

pytestmark = [
    pytest.mark.default_model,
    pytest.mark.skipif(
        not (INSTALLED / "node_modules").is_dir(), reason="NODE_LLAMA_CPP names no folder with node-llama-cpp"
    ),
]


def llama_cpp(file: Path, prompts: list[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    """Run a file in llama.cpp."""
    module = (INSTALLED / "node_modules" / "node-llama-cpp" / "dist" / "index.js").absolute().as_uri()
    request = folder / "request.json"
    request.write_text(json.dumps({"module": module, "file": str(file), "prompts": prompts, "most": TOKENS}))
    done = subprocess.run(["node", SCRIPT, request], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    result: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return result


def greedy(model: LoadedModel, ids: torch.Tensor) -> list[int]:
    """The likeliest tokens, one after another; without the end token, which llama.cpp does not report."""
    written = model.network.generate(
        ids[None],
        attention_mask=torch.ones_like(ids[None]),
        do_sample=False,
        max_new_tokens=TOKENS,
        repetition_penalty=1.0,
    )
    tokens: list[int] = written[0, len(ids) :].tolist()
    ends = [i for i, token in enumerate(tokens) if token in model.end_tokens]
    return tokens[: ends[0]] if ends else tokens


def agree(one: list[int], other: list[int]) -> int:
    """Number of first tokens that are equal."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def gap(model: LoadedModel, ids: torch.Tensor, same: list[int], other: int) -> float:
    """How much likelier, in logits, the steered model finds its own next token than another one."""
    with torch.no_grad():
        logits = model.network(input_ids=torch.cat([ids, torch.tensor(same, dtype=ids.dtype)])[None]).logits[0, -1]
    return float(logits.max() - logits[other])


@pytest.mark.parametrize("strength", [0.75, 1.25])
@pytest.mark.parametrize("name", ["pirate", "polite", "poetic"])
def test_the_file_says_in_llama_cpp_what_the_studio_says(
    name: str, strength: float, default_model: LoadedModel, tmp_path: Path
) -> None:
    """The same words in F16, up to the first near tie: two tokens whose logits differ by less than the format's rounding."""
    steering_map = SteeringMap.load(MAPS / f"{name}.safetensors")
    exported = export(steering_map, tmp_path / "out", format="gguf", strength=strength)
    asked = [encode(default_model, [text], [Row()], Sampling())["input_ids"][0] for text in QUESTIONS[:4]]
    prompts = [{"text": default_model.tokenizer.decode(ids), "ids": ids.tolist()} for ids in asked]
    with steer(default_model, steering_map, strength):
        wanted = [greedy(default_model, ids) for ids in asked]
        for kind in ("f16", "q8_0"):
            file = exported.folder / f"{name}-{kind}.gguf"
            answers = llama_cpp(file, prompts, tmp_path)
            assert [answer["ids"] for answer in answers] == [prompt["ids"] for prompt in prompts]
            for ids, own, answer in zip(asked, wanted, answers, strict=True):
                same = agree(own, answer["greedy"])
                print(f"{name} {strength} {kind}: {same} of {len(own)} tokens are equal", end="")
                if same < min(len(own), len(answer["greedy"])):
                    tie = gap(default_model, ids, own[:same], answer["greedy"][same])
                    rounding = exported.proofs[file.name].limit
                    print(
                        f"; the next two differ by {tie:.3f} in a format that rounds by up to {rounding:.3f}", end=""
                    )
                    assert tie <= rounding
                print()


def test_a_qwen2_that_became_a_llama(tmp_path: Path) -> None:
    """Its queries and keys have biases, whose order llama.cpp changes as that of the weights."""
    folder = save_chatting(tmp_path / "model", "qwen2")
    model = load_model(folder, device="cpu", dtype="float32")
    steering_map = random_map(model.sites, size=0.3).with_metadata(name="random")
    exported = export(steering_map, tmp_path / "out", format="gguf", model=str(folder))
    ids = torch.randint(8, 60, (20,), generator=torch.Generator().manual_seed(0))
    with steer(model, steering_map):
        wanted = greedy(model, ids)
        prompt = {"text": "", "ids": ids.tolist()}
        (answer,) = llama_cpp(exported.folder / "random-f16.gguf", [prompt], tmp_path)
    same = agree(wanted, answer["greedy"])
    print(f"qwen2: {same} of {len(wanted)} tokens are equal")
    assert same >= min(20, len(wanted))
