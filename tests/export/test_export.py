"""What an export writes, what it says, and what it refuses."""

import json
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import torch
from export_families import SHORT, save_family
from maps import random_map, random_shifts
from peft import AutoPeftModelForCausalLM
from safetensors.torch import load_file
from tiny import SOURCE, TARGET, make_model
from transformers import AutoModelForCausalLM

from lineas import fit
from lineas.data.presets import load_presets
from lineas.errors import LineasError
from lineas.evaluation.metrics.cost import cost_curve, wiki_sentences
from lineas.export import checkpoint, scope, stock
from lineas.export.base import load_base
from lineas.export.exporting import WITHOUT_INSTRUCTION, export
from lineas.export.prove import Proof, Reference, to_dtype
from lineas.methods.prompting import Instruction
from lineas.models.load import load_model
from lineas.models.loaded import LoadedModel
from lineas.models.progress import finish
from lineas.models.sites import find_sites
from lineas.steering.hooks import steer
from lineas.steering.map import SteeringMap
from lineas.training.recipes import recipe_named


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(save_family(tmp_path_factory.mktemp("llama") / "model", "llama"))


@pytest.fixture(scope="module")
def a_map(llama: str) -> SteeringMap:
    return random_map(load_model(llama).sites, size=0.3)


@pytest.mark.default_model
def test_the_default_model(default_model: LoadedModel, tmp_path: Path) -> None:
    """A map as the recipe quick teaches it: shifts of blocks."""
    preset = next(preset for preset in load_presets() if preset.id == "pirate")
    taught = fit(default_model, preset.source[:16], preset.target[:16], recipe_named("quick", 2))
    assert taught.metadata["scope"] == "answer"
    taught = taught.with_metadata(
        mode="both", scope="everything"
    )  # measuring another scope takes longer than all else here
    found = export(taught, tmp_path / "out", strength=0.75)
    network = AutoModelForCausalLM.from_pretrained(found.folder)
    ids = default_model.tokenizer("Tell me about your day at the market.", return_tensors="pt")["input_ids"]
    with torch.no_grad():
        with steer(default_model, taught, 0.75):
            wanted = default_model.network(input_ids=ids).logits
        assert (network(input_ids=ids).logits - wanted).abs().max() < 1e-3
        assert (default_model.network(input_ids=ids).logits - wanted).abs().max() > 1
    bias = network.get_submodule("model.layers.7.mlp.down_proj").bias
    assert torch.allclose(bias, 0.75 * taught.shift["model.layers.7"])
    assert found.architecture == "LlamaForCausalLM" and found.scope is None and found.notes == (WITHOUT_INSTRUCTION,)
    assert {path.stat().st_mode & 0o777 for path in found.folder.iterdir()} == {
        (found.folder / "config.json").stat().st_mode & 0o777
    }


def test_a_model_in_memory(a_map: SteeringMap, tmp_path: Path) -> None:
    model = make_model("qwen2")
    steering_map = random_map(model.sites, size=0.3)
    before = {name: tensor.clone() for name, tensor in model.network.state_dict().items()}
    found = export(steering_map, tmp_path / "checkpoint", strength=0.5, model=model)
    export(steering_map, tmp_path / "peft", format="peft", strength=0.5, model=model)
    assert found.model == "tiny-qwen2" and found.architecture == "LlamaForCausalLM"
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.network.state_dict().items())


def test_strength_zero_is_the_plain_model(llama: str, a_map: SteeringMap, tmp_path: Path) -> None:
    export(a_map, tmp_path / "out", strength=0.0, model=llama)
    plain, written = (load_file(folder / "model.safetensors") for folder in (Path(llama), tmp_path / "out"))
    assert all(torch.equal(tensor, plain[name]) for name, tensor in written.items() if name in plain)
    assert all(not tensor.any() for name, tensor in written.items() if name not in plain)


@pytest.mark.parametrize(("family", "what"), [("llama", "checkpoint"), (SHORT, "folded model")])
def test_what_is_not_the_steered_model_is_deleted(
    family: str, what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One shift of one layer is left out, at a strength at which the rounding of 16 bits moves more."""
    right = checkpoint.folded_state

    def wrong(network: Any, folded: Any) -> Any:
        state = right(network, folded)
        state["model.layers.1.mlp.gate_proj.bias"].zero_()
        return state

    model = str(save_family(tmp_path / "model", family))
    steering_map = random_map(load_model(model).sites, size=0.3)
    monkeypatch.setattr(checkpoint, "folded_state", wrong)
    with pytest.raises(LineasError, match=f"{what} does not behave like the steered model"):
        export(steering_map, tmp_path / "out", strength=0.02, model=model)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_what_was_written_is_what_counts(
    llama: str, a_map: SteeringMap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A weight changes between the folded model and the file."""
    right = checkpoint.save

    def spoil(network: Any, folder: Path) -> None:
        network.model.layers[2].mlp.down_proj.weight.data.mul_(1.01)
        right(network, folder)

    monkeypatch.setattr(checkpoint, "save", spoil)
    with pytest.raises(LineasError, match="checkpoint does not behave like the steered model"):
        export(a_map, tmp_path / "out", model=llama)
    assert not list(tmp_path.iterdir())


def test_tensors_that_the_architecture_drops_are_noticed(
    llama: str, a_map: SteeringMap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The config that is written does not ask for the biases, which transformers then ignores."""
    right = checkpoint.save

    def forget(network: Any, folder: Path) -> None:
        right(network, folder)
        config = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps(config | {"mlp_bias": False}))

    monkeypatch.setattr(checkpoint, "save", forget)
    with pytest.raises(LineasError, match=r"cannot be loaded completely \(model\.layers\.0\.mlp\.\w+\.bias"):
        export(a_map, tmp_path / "out", model=llama)
    assert not list(tmp_path.iterdir())


def test_measuring_what_a_format_rounds_leaves_the_model_as_it_is(tmp_path: Path) -> None:
    base = load_base(str(save_family(tmp_path, SHORT)))
    reference = Reference.of(base, random_map(base.model.sites))
    network = base.model.network
    before = {name: tensor.clone() for name, tensor in chain(network.named_parameters(), network.named_buffers())}
    assert reference.rounded(to_dtype(torch.bfloat16)) > 1e-3
    after = dict(chain(network.named_parameters(), network.named_buffers()))
    assert "model.rotary_emb.inv_freq" in after
    assert all(torch.equal(tensor, after[name]) for name, tensor in before.items())


def test_a_proof_without_numbers_does_not_hold() -> None:
    assert not Proof(float("nan"), 1.0, 1.0, 1).holds


def test_other_sites(llama: str, tmp_path: Path) -> None:
    """Norms before the attention go into its biases; factors where no norm is are refused, shifts are not."""
    network = load_model(llama).network
    found = export(random_map(find_sites(network, "norms")), tmp_path / "norms", model=llama)
    config = AutoModelForCausalLM.from_pretrained(found.folder).config
    assert config.attention_bias and config.mlp_bias
    with pytest.raises(LineasError, match=r"is not a norm.*map file itself"):
        export(random_map(find_sites(network, "mlp")), tmp_path / "mlp", model=llama)
    parts = random_shifts(find_sites(network, "mlp")).then(random_shifts(find_sites(network, "blocks"), seed=1))
    export(parts, tmp_path / "mlp", model=llama)  # one layer takes both shifts of a block
    assert not load_file(tmp_path / "mlp" / "model.safetensors")["model.layers.0.mlp.up_proj.bias"].any()
    mistral = str(save_family(tmp_path / "mistral", "mistral"))
    shifts = random_shifts(find_sites(load_model(mistral).network, "attention"))
    assert export(shifts, tmp_path / "attention", model=mistral).architecture == "LlamaForCausalLM"


@pytest.mark.filterwarnings("ignore::UserWarning:peft")
def test_an_adapter_of_biases_can_be_merged_where_the_model_has_them(tmp_path: Path) -> None:
    folder = str(save_family(tmp_path / "model", "gpt2"))
    model = load_model(folder, device="cpu", dtype="float32")
    shifts = random_shifts(find_sites(model.network, "blocks"))
    export(shifts, tmp_path / "out", format="peft", model=folder)
    merged = AutoPeftModelForCausalLM.from_pretrained(tmp_path / "out").merge_and_unload()
    ids = torch.tensor([[5, 6, 7, 8]])
    with torch.no_grad(), steer(model, shifts):
        assert (merged(input_ids=ids).logits - model.network(input_ids=ids).logits).abs().max() < 1e-5


def test_positions_and_windows_that_llama_lacks(tmp_path: Path) -> None:
    from transformers import Phi3Config

    partial = Phi3Config(
        rope_parameters={"rope_type": "default", "rope_theta": 1e4, "partial_rotary_factor": 0.5}, sliding_window=None
    )
    with pytest.raises(LineasError, match="positions"):
        stock.as_llama(partial, {})


def test_folders_and_maps_that_do_not_do(llama: str, a_map: SteeringMap, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep me")
    with pytest.raises(LineasError, match="not empty"):
        export(a_map, tmp_path, model=llama)
    assert (tmp_path / "mine.txt").read_text() == "keep me"
    (tmp_path / "empty").mkdir()
    assert export(a_map, tmp_path / "empty", model=llama).files.keys() >= {"config.json", "model.safetensors"}
    instruction = Instruction({}, {"instruction": "Be brief."})
    with pytest.raises(LineasError, match="not a map but an adapter"):
        export(instruction, tmp_path / "out", model=llama)
    other = random_map(make_model("gpt2").sites)
    with pytest.raises(LineasError, match="does not fit"):
        export(other, tmp_path / "out", model=llama)
    stranger = a_map.with_metadata(base_model="someone", base_model_fingerprint="other:weights")
    assert "other weights" in export(stranger, tmp_path / "out", model=llama).notes[0]


@pytest.mark.parametrize("kind", ["norms", "blocks"])
def test_folding_changes_what_answers_alone_did(kind: str, llama: str, a_map: SteeringMap, tmp_path: Path) -> None:
    steering_map = (
        a_map if kind == "norms" else random_shifts(find_sites(load_model(llama).network, "blocks"), size=0.3)
    )
    found = export(steering_map.with_metadata(scope="answer"), tmp_path / "out", strength=0.5, model=llama).scope
    assert found is not None and found.effect_plain is None
    sentences = wiki_sentences()[: scope.SENTENCES]
    plain, steered = finish(cost_curve(load_model(llama), steering_map, sentences, sentences, (0.0, 0.5)))
    assert found.cost_everything == pytest.approx(steered.wiki_loss - plain.wiki_loss, abs=1e-4)
    assert abs(found.cost_answer - found.cost_everything) > 1e-3
    assert f"{found.cost_everything:+.2f}" in found.sentence and "was not measured" in found.sentence


def test_the_effect_is_judged_where_examples_are_known(
    llama: str, a_map: SteeringMap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scope, "load_minilm", lambda: None)
    monkeypatch.setattr(
        scope, "train_judge", lambda source, target, embed: lambda texts: [len(t) / 1000 for t in texts]
    )
    steering_map = a_map.with_metadata(scope="answer")
    found = export(steering_map, tmp_path / "out", model=llama, examples=(SOURCE, TARGET)).scope
    assert found is not None and found.effect_answer is not None and found.effect_plain is not None
    assert f"instead of {found.effect_answer:.0%}" in found.sentence
