"""The card of a map: its front matter, its code, its numbers, and what it does with other people's text."""

import re
from typing import Any

import pytest
import yaml
from huggingface_hub import ModelCard
from maps import random_map

from lineas.export.card import health_card, model_card
from lineas.files import ASSETS
from lineas.models.loaded import LoadedModel
from lineas.steering.map import SteeringMap

READY_MADE = sorted((ASSETS / "maps").glob("*.safetensors"))


def front(card: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(card.split("---\n")[1])
    return found


@pytest.mark.parametrize("path", READY_MADE, ids=lambda path: path.stem)
def test_the_card_of_a_ready_made_map_names_its_real_base_and_its_numbers(path: Any) -> None:
    steering_map = SteeringMap.load(path)
    text = model_card(steering_map, "anna/mine")
    assert front(text) == {
        "base_model": "HuggingFaceTB/SmolLM2-135M-Instruct",
        "base_model_relation": "adapter",
        "library_name": "lineas",
        "license": "apache-2.0",
        "pipeline_tag": "text-generation",
        "tags": ["lineas", "activation-steering", "optimal-transport"],
    }
    assert ModelCard(text).data.base_model == "HuggingFaceTB/SmolLM2-135M-Instruct"
    card = health_card(steering_map.metadata)
    assert card is not None
    steered = card.answers_of("steered")
    assert f"**{card.title}**" in text and steered is not None and steered.score is not None
    assert f"| steered | {steered.score.mean:.2f} | {steered.relevance.mean:.2f} |" in text
    assert f"strength {card.recommended_strength:g}," in text
    assert text.count("- steered: ") == min(3, len(card.samples)) > 0


@pytest.mark.default_model
def test_the_five_lines_on_the_card_run(
    default_model: LoadedModel, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    pirate = SteeringMap.load(ASSETS / "maps" / "pirate.safetensors")
    pirate.save_pretrained(tmp_path / "anna" / "pirate")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("lineas.models.load.load_model", lambda name: default_model)
    [code] = re.findall(r"```python\n(.*?)```", model_card(pirate, "anna/pirate"), re.S)
    assert len([line for line in code.splitlines() if line]) == 5
    exec(code, {})
    assert capsys.readouterr().out.count("Answer(") == 2


def test_a_map_of_an_unknown_model_without_a_health_card(tiny_model: LoadedModel) -> None:
    text = model_card(random_map(tiny_model.sites).with_metadata(base_model="/home/anna/llama", health="{}"))
    assert front(text).keys() == {"library_name", "pipeline_tag", "tags"}
    assert "Not measured yet" in text and "not on the hub" in text
    other = random_map(tiny_model.sites).with_metadata(base_model="Qwen/Qwen2.5-1.5B-Instruct")
    assert front(model_card(other))["base_model"] == "Qwen/Qwen2.5-1.5B-Instruct"
    assert "license" not in front(model_card(other))
    assert front(model_card(other, licence="mit"))["license"] == "mit"


def test_other_people_s_text_is_no_markup(tiny_model: LoadedModel) -> None:
    nasty = "x\n---\nbase_model: evil\n---\n# Title <script>alert(1)</script> ![x](http://evil) | a | `b`"
    text = model_card(random_map(tiny_model.sites).with_metadata(name=nasty, description=nasty, instruction=nasty))
    assert "base_model" not in front(text)
    body = text.split("---\n", 2)[2]
    assert "\n---" not in body and "\n# Title" not in body
    assert "<script>" not in body and "![x](http" not in body
