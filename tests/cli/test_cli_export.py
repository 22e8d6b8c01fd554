"""``lineas export``."""

from pathlib import Path

import pytest
import torch
from commands import Lineas
from tiny import make_tokenizer
from transformers import AutoModelForCausalLM, AutoTokenizer

from lineas.export.exporting import WITHOUT_INSTRUCTION
from lineas.models.load import load_model
from lineas.steering.hooks import steer
from lineas.steering.map import SteeringMap


@pytest.fixture
def told(a_map: Path, tmp_path: Path) -> Path:
    """A map with an instruction."""
    path = tmp_path / "told.safetensors"
    SteeringMap.load(a_map).with_metadata(instruction="be good").save(path)
    return path


def test_json_says_what_was_written_and_how_near_it_is(
    lineas: Lineas, folder: Path, a_map: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    result = lineas("export", a_map, "--format", "checkpoint", "--out", out, "--model", folder / "model", "--json")
    assert result.code == 0, result.err
    document = result.document
    assert document.keys() == {
        "out", "format", "strength", "model", "architecture", "files", "proofs", "scope", "notes", "seconds",
    }  # fmt: skip
    assert document["strength"] == 0.8 and document["out"] == str(out)  # the map's own recommendation
    assert document["files"]["model.safetensors"] == (out / "model.safetensors").stat().st_size
    proof = document["proofs"]["checkpoint"]
    assert proof["difference"] <= proof["limit"] < proof["effect"]
    model, network = load_model(str(folder / "model")), AutoModelForCausalLM.from_pretrained(out)
    ids = torch.tensor([[5, 6, 7, 8]])
    with torch.no_grad(), steer(model, SteeringMap.load(a_map), 0.8):
        assert (model.network(input_ids=ids).logits - network(input_ids=ids).logits).abs().max() < 1e-4


def test_text_says_how_it_is_used(lineas: Lineas, folder: Path, a_map: Path, tmp_path: Path) -> None:
    words = ["export", a_map, "--model", folder / "model", "--strength", 1.5]
    result = lineas(*words, "--format", "peft", "--out", tmp_path / "adapter")
    assert result.code == 0, result.err
    assert "Strength 1.5 is now" in result.out and "AutoPeftModelForCausalLM" in result.out
    assert "vllm serve" in lineas(*words, "--format", "checkpoint", "--out", tmp_path / "folder").out


def test_a_card_brings_the_map_and_needs_no_model(lineas: Lineas, a_map: Path, tmp_path: Path) -> None:
    result = lineas("export", a_map, "--format", "card", "--out", tmp_path / "card", "--json")
    assert result.code == 0, result.err
    assert result.document["files"].keys() == {"README.md", "map.safetensors"}
    there = SteeringMap.from_pretrained(tmp_path / "card")
    assert all(torch.equal(shift, there.shift[site]) for site, shift in SteeringMap.load(a_map).shift.items())
    again = lineas("export", a_map, "--format", "card", "--out", tmp_path / "card")
    assert again.code == 1 and "is not empty" in again.err


def test_with_instruction(lineas: Lineas, folder: Path, told: Path, a_map: Path, tmp_path: Path) -> None:
    def run(steering_map: Path, format: str, *more: str) -> tuple[int, str]:
        out = tmp_path / f"{steering_map.stem}-{format}-{len(more)}"
        result = lineas("export", steering_map, "--format", format, "--out", out, "--model", folder / "model", *more)
        return result.code, result.reason if result.code else str(out)

    words = ["export", told, "--format", "checkpoint", "--model", folder / "model"]
    turn = [{"role": "user", "content": "the day"}]
    code, out = run(told, "checkpoint", "--with-instruction")
    assert code == 0 and "be good" in AutoTokenizer.from_pretrained(out).apply_chat_template(turn, tokenize=False)
    code, out = run(told, "checkpoint")
    plain = make_tokenizer().apply_chat_template(turn, tokenize=False)
    assert code == 0 and AutoTokenizer.from_pretrained(out).apply_chat_template(turn, tokenize=False) == plain
    SteeringMap.load(told).with_metadata(mode="both").save(told)
    assert WITHOUT_INSTRUCTION in lineas(*words, "--out", tmp_path / "a").out
    assert WITHOUT_INSTRUCTION not in lineas(*words, "--out", tmp_path / "b", "--with-instruction").out
    code, reason = run(told, "peft", "--with-instruction")
    assert code == 2 and "no chat template" in reason
    code, reason = run(a_map, "checkpoint", "--with-instruction")
    assert code == 2 and "no instruction" in reason


def test_refusals_are_one_line(lineas: Lineas, folder: Path, a_map: Path, tmp_path: Path) -> None:
    words = ["export", a_map, "--model", folder / "model", "--out", tmp_path / "out"]
    result = lineas(*words, "--format", "gguf")  # a tokenizer of whole words
    assert result.code == 1 and "LLAMA_CPP" in result.reason and not list(tmp_path.iterdir())
    assert lineas(*words, "--format", "onnx").code == 2
    (tmp_path / "out").write_text("")
    result = lineas(*words, "--format", "peft")
    assert result.code == 1 and "is there already" in result.reason
