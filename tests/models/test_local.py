"""The list of models on this computer, made from their files alone, even damaged ones."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from huggingface_hub import constants
from model_files import nested_arrays, put_gguf, put_model

from lineas.errors import LineasError
from lineas.models import builtin as default
from lineas.models.loaded import LoadedModel
from lineas.models.local import LocalModel, LocalModels

NASTY = '<img src=x onerror="window.pwned=1"> ${x} {{y}} \u202e🏴'


@pytest.fixture
def local_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalModels:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    return LocalModels(tmp_path / "home")


def found(local_models: LocalModels) -> dict[str, LocalModel]:
    return {model.name: model for model in local_models.models()}


def test_the_built_in_model_is_always_listed(local_models: LocalModels, tmp_path: Path) -> None:
    assert local_models.models() == [LocalModel("default", "built-in", None, "llama", default.PARAMETERS)]
    put_model(tmp_path / "home" / default.NAME)
    assert [m.path for m in local_models.models()] == [tmp_path / "home" / default.NAME]


def test_folders_gguf_files_and_the_hub_cache_are_listed(local_models: LocalModels, tmp_path: Path) -> None:
    put_model(tmp_path / "home" / "mine", family="gemma2")
    packed = put_gguf(tmp_path / "home" / "packed.GGUF")
    revision = put_model(tmp_path / "cache" / "models--some--model" / "snapshots" / "abc", "GPT2LMHeadModel", "gpt2")
    models = found(local_models)
    assert list(models) == ["default", str(tmp_path / "home" / "mine"), str(packed), "some/model"]
    assert models["some/model"] == LocalModel("some/model", "hub", revision, "gpt2", 120)
    assert models[str(packed)] == LocalModel(str(packed), "gguf", packed, "qwen2", 17)
    mine = models[str(tmp_path / "home" / "mine")]
    assert (mine.kind, mine.family, mine.parameters) == ("folder", "gemma2", 120)
    assert local_models.look_at(" some/model ") == models["some/model"]  # known from the cache, not guessed


def test_what_cannot_be_loaded_is_not_listed(local_models: LocalModels, tmp_path: Path) -> None:
    home = tmp_path / "home"
    put_model(home / "reader", "BertModel", "bert")
    put_model(home / "translator", "T5ForConditionalGeneration", "t5", is_encoder_decoder=True)
    (put_model(home / "no weights") / "model.safetensors").unlink()
    (put_model(home / "cut short") / "model.safetensors").write_bytes(b"1234")
    (put_model(home / "no json") / "config.json").write_text("{")
    half = put_model(home / "half a model")
    index = {"weight_map": {"a": "model.safetensors", "b": "model-2.safetensors"}}
    (half / "model.safetensors.index.json").write_text(json.dumps(index))
    for name, content in [
        ("empty", b""),
        ("other", b"PK34"),
        ("short", put_gguf(tmp_path / "x.gguf").read_bytes()[:90]),
        ("nested arrays", nested_arrays()),
    ]:
        (home / f"{name}.gguf").write_bytes(content)
    # damaged weights cannot be counted, and loading says what is wrong with them
    assert list(found(local_models)) == ["default", str(home / "cut short")]
    assert found(local_models)[str(home / "cut short")].parameters is None


def test_added_files_and_folders_are_listed_from_then_on(local_models: LocalModels, tmp_path: Path) -> None:
    alone = put_model(tmp_path / "elsewhere" / NASTY.replace("/", ""))
    put_model(tmp_path / "many" / "b")
    put_gguf(tmp_path / "many" / "a.gguf")
    assert [m.name for m in local_models.inside(str(tmp_path / "many"))] == [
        str(tmp_path / "many" / "a.gguf"),
        str(tmp_path / "many" / "b"),
    ]
    assert local_models.inside(str(alone)) == []
    for name in (str(alone), str(tmp_path / "many"), str(alone), "some/model", str(tmp_path / "nothing")):
        local_models.remember(name)
    named = [name for name in found(LocalModels(tmp_path / "home")) if name != "default"]
    assert named == [str(alone), str(tmp_path / "many" / "a.gguf"), str(tmp_path / "many" / "b")]
    (alone / "config.json").unlink()  # gone from the disk, gone from the list
    assert str(alone) not in found(local_models)


@pytest.mark.parametrize(
    ("name", "family", "parameters"),
    [
        ("Qwen/Qwen2.5-1.5B-Instruct", "qwen2", 1_500_000_000),
        ("HuggingFaceTB/SmolLM2-360M-Instruct", "llama", 360_000_000),
        ("google/gemma-2-2b-it", "gemma2", 2_000_000_000),
        ("gpt2", "gpt2", None),
        ("someone/something", "", None),
    ],
)
def test_family_and_size_of_a_hub_model_are_guessed_from_its_name(
    local_models: LocalModels, name: str, family: str, parameters: int | None
) -> None:
    assert local_models.look_at(name) == LocalModel(name, "hub", None, family, parameters)


WRONG = {"path": "/no/such/model", "here": "./x.gguf", "file": "x.gguf", "empty": "", "deep": "a/b/c", "nasty": NASTY,
         "long": "x" * 100_000, "zero": "\0", "space": "a b", "nobody": "~no-such-person/model"}  # fmt: skip


@pytest.mark.parametrize("name", WRONG.values(), ids=WRONG)
def test_an_impossible_name_is_refused(local_models: LocalModels, name: str) -> None:
    with pytest.raises(LineasError):
        local_models.look_at(name)
    assert local_models.inside(name) == []


def test_a_folder_without_a_model_is_refused(local_models: LocalModels, tmp_path: Path) -> None:
    with pytest.raises(LineasError, match="no model that can be loaded"):
        local_models.look_at(str(tmp_path))


def test_a_list_of_models_needs_no_torch() -> None:
    code = "import sys; from pathlib import Path; from lineas.models.local import LocalModels; LocalModels(Path('x')).models(); "
    subprocess.run([sys.executable, "-c", f"{code}assert 'torch' not in sys.modules"], check=True)


@pytest.mark.default_model
def test_the_stated_size_of_the_built_in_model_is_right(default_model: LoadedModel) -> None:
    from lineas.files import models_folder

    assert default_model.parameter_count == default.PARAMETERS
    assert LocalModels(models_folder()).look_at("default").path == default.default_model_folder()
