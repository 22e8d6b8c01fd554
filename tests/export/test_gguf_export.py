"""GGUF files of a tiny Llama, read by the package gguf and by transformers."""

import stat
import sys
from pathlib import Path

import gguf
import numpy as np
import pytest
from export_families import TEXT, save_chatting, save_family
from maps import random_map, random_shifts
from transformers import AutoTokenizer

from lineas.errors import LineasError
from lineas.export import gguf as gguf_export
from lineas.export.exporting import Exported, export
from lineas.models.load import load_model
from lineas.models.sites import find_sites


def exported(folder: Path, family: str = "llama", instruction: str = "") -> Exported:
    model = str(save_chatting(folder / "model", family))
    steering_map = random_map(load_model(model).sites, size=0.3).with_metadata(name="Sea dog")
    return export(steering_map, folder / "out", format="gguf", strength=0.5, model=model, instruction=instruction)


@pytest.mark.parametrize("family", ["llama", "qwen2"])
def test_both_files_hold_the_map(family: str, tmp_path: Path) -> None:
    found = exported(tmp_path, family)
    assert found.files.keys() == {"Modelfile", "sea-dog-f16.gguf", "sea-dog-q8_0.gguf"}
    assert found.architecture == "LlamaForCausalLM"
    assert all(proof.difference < 0.1 * proof.effect for proof in found.proofs.values())
    reader = gguf.GGUFReader(found.folder / "sea-dog-f16.gguf")
    tensors = {tensor.name: tensor for tensor in reader.tensors}
    biases = {f"blk.{i}.ffn_{part}.bias" for i in range(3) for part in ("gate", "up", "down")}
    assert biases <= tensors.keys() and np.abs(tensors["blk.1.ffn_up.bias"].data).max() > 0.01
    assert not tensors["blk.1.ffn_down.bias"].data.any()
    assert tensors["blk.0.ffn_up.weight"].tensor_type == gguf.GGMLQuantizationType.F16
    assert tensors["blk.0.ffn_norm.weight"].tensor_type == gguf.GGMLQuantizationType.F32
    assert ("blk.0.attn_q.bias" in tensors) == (family == "qwen2")
    assert "FROM ./sea-dog-q8_0.gguf" in (found.folder / "Modelfile").read_text()
    own = AutoTokenizer.from_pretrained(tmp_path / "model")
    read = AutoTokenizer.from_pretrained(found.folder, gguf_file="sea-dog-f16.gguf")
    turn = [{"role": "user", "content": TEXT}]
    assert read(TEXT)["input_ids"] == own(TEXT)["input_ids"]
    assert read.apply_chat_template(turn, tokenize=False) == own.apply_chat_template(turn, tokenize=False)


def test_shifts_of_blocks_are_biases_of_the_last_layer(tmp_path: Path) -> None:
    model = str(save_chatting(tmp_path / "model", "llama"))
    shifts = random_shifts(find_sites(load_model(model).network, "blocks"), size=0.3).with_metadata(name="Sea dog")
    found = export(shifts, tmp_path / "out", format="gguf", strength=0.5, model=model)
    reader = gguf.GGUFReader(found.folder / "sea-dog-q8_0.gguf")
    tensors = {tensor.name: tensor.data for tensor in reader.tensors}
    assert np.array_equal(tensors["blk.1.ffn_down.bias"], 0.5 * shifts.shift["model.layers.1"].numpy())
    assert not tensors["blk.1.ffn_up.bias"].any() and not tensors["blk.1.ffn_gate.bias"].any()


def test_an_instruction_is_in_template_and_modelfile(tmp_path: Path) -> None:
    found = exported(tmp_path, instruction="Talk like a sea dog.")
    assert 'SYSTEM """Talk like a sea dog."""' in (found.folder / "Modelfile").read_text()
    template = gguf.GGUFReader(found.folder / "sea-dog-q8_0.gguf").get_field("tokenizer.chat_template")
    assert template is not None and "Talk like a sea dog." in template.contents()


def test_a_file_that_lost_a_shift_is_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = gguf_export.write_file

    def wrong(path: Path, kind: str, stem: str, network: object, *more: object) -> None:
        bias = network.model.layers[1].mlp.up_proj.bias  # type: ignore[attr-defined]
        kept = bias.data.clone()
        bias.data.zero_()
        right(path, kind, stem, network, *more)  # type: ignore[arg-type]
        bias.data.copy_(kept)

    monkeypatch.setattr(gguf_export, "write_file", wrong)
    with pytest.raises(LineasError, match=r"GGUF file lacks 'model.layers.1.mlp.up_proj.bias'"):
        exported(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_what_llama_cpp_cannot_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LineasError, match=r"'granite'.*--format checkpoint"):
        exported(tmp_path / "a", "granite")
    with pytest.raises(LineasError, match=r"Only llama.cpp's converter writes.*'gpt2'"):
        exported(tmp_path / "b", "gpt2")
    with pytest.raises(LineasError, match="--format peft"):
        exported(tmp_path / "c", "qwen3")
    save_family(tmp_path / "words", "llama")  # its tokenizer has no byte-level merges
    with pytest.raises(LineasError, match="tokenizer"):
        steering_map = random_map(load_model(tmp_path / "words").sites)
        export(steering_map, tmp_path / "out", format="gguf", model=str(tmp_path / "words"))


def test_llama_cpp_s_converter_is_used_where_it_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stands in for the real one, which docs/export.md tells how to try."""
    tools = tmp_path / "llama.cpp"
    tools.mkdir()
    script = tools / gguf_export.CONVERTER
    log = tmp_path / "log.txt"
    script.write_text(
        f"import sys\nopen({str(log)!r}, 'a').write(' '.join(sys.argv[1:]) + chr(10))\nsys.exit('no such thing')\n"
    )
    monkeypatch.setenv("LLAMA_CPP", str(tools))
    with pytest.raises(LineasError, match=r"converter.*failed: no such thing"):
        exported(tmp_path)
    assert "--outtype f16" in log.read_text()
    script.chmod(script.stat().st_mode | stat.S_IEXEC)
    monkeypatch.delenv("LLAMA_CPP")
    monkeypatch.setenv("PATH", str(tools))
    assert gguf_export.converter() == str(script) and sys.executable
