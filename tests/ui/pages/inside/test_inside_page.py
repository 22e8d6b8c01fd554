"""The page Inside: picture, table and facts of a map, whatever its file says; then in a browser."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from concept_files import import_map, map_of_layers
from nasty import NASTY

from lineas.evaluation.findings import Interval
from lineas.evaluation.health_card import AnswersReport, HealthCard, Sample
from lineas.evaluation.metrics.changed_words import ChangedWord
from lineas.evaluation.metrics.text_statistics import TextStatistics
from lineas.models.loaded import LoadedModel
from lineas.service.service import StudioService
from lineas.steering.map import SteeringMap
from lineas.storage import Concept
from lineas.training.planes import Plane, from_json, to_json
from lineas.ui import text as ui_text
from lineas.ui.components.health_card import health
from lineas.ui.pages.inside import render
from lineas.ui.pages.inside.summary import moves, summary

LAYERS = 12
STATISTICS = TextStatistics(**dict.fromkeys(TextStatistics.__dataclass_fields__, 0.1))
CARD = HealthCard(
    verdict="works",
    reason="An independent judge hears it clearly.",
    recommended_strength=0.8,
    gain=0.5,
    damage=0.1,
    answers=(
        AnswersReport("plain", 0.0, Interval(0.1, 0.05, 0.2), None, Interval(0.9, 0.8, 1.0), 12.0, STATISTICS),
        AnswersReport("steered", 0.8, Interval(0.9, 0.8, 0.95), None, Interval(0.72, 0.6, 0.8), 25.0, STATISTICS),
    ),
    samples=(Sample("How is the sea?", "It is calm.", "Arr, she be calm!"),),
    words=(ChangedWord("arr", 4.0, 0, 12), ChangedWord("the", -2.0, 40, 20)),
    wrong_way=("A sentence of the other side.",),
)


def test_the_picture_shows_every_layer_and_where_it_moves_most() -> None:
    layers = render.layers(map_of_layers())
    assert [layer.label for layer in layers] == [str(n) for n in range(1, LAYERS + 1)]
    assert sum(layer.share for layer in layers) == pytest.approx(1)
    picture = render.picture(layers)
    assert picture.count('class="cell"') == 3 * LAYERS
    assert "mostly in the last third of the layers" in picture and 'role="img"' in picture
    table = render.table(layers)
    assert table.count("<tr>") == 1 + render.MOST_MOVED and "model.layers.11." in table


def test_colours_run_from_the_least_to_the_most_moved_layer() -> None:
    scale = {f"h.{i}.norm": 1 + value * torch.ones(4) for i, value in enumerate((0.0, 0.1, 0.2))}
    picture = render.picture(render.layers(SteeringMap(scale, {site: torch.zeros(4) for site in scale})))
    assert 'style="--heat:0%" title="Layer 1, stretched: 0"' in picture
    assert 'style="--heat:100%" title="Layer 3, stretched: 0.4"' in picture


def test_a_layer_with_several_sites_names_them() -> None:
    sites = [f"model.layers.{i}.{part}" for i in range(2) for part in ("input_norm", "post_norm")]
    layers = render.layers(SteeringMap.identity(dict.fromkeys(sites, 4)))
    assert [layer.label for layer in layers] == ["1 input_norm", "1 post_norm", "2 input_norm", "2 post_norm"]
    assert ui_text.INSIDE_NOTHING_MOVES in render.picture(layers) and render.table(layers) == ""


def test_distances_of_every_layer_where_the_file_has_them() -> None:
    plain = map_of_layers()
    pairs = {site: [0.5, 0.1] for site in plain.sites}
    layers = render.layers(plain.with_metadata(metrics=json.dumps({"sites": pairs})))
    shown = render.picture(layers)
    assert shown.count('class="cell"') == 3 * LAYERS and shown.count('class="bars"') == LAYERS
    assert 'title="Layer 12, distance: 0.5 → 0.1"><b style="width:100%"></b><b style="width:45%"></b>' in shown
    assert "It brings every layer closer to your examples." in shown
    assert "0.5 → 0.1" in render.table(layers)
    part = {site: [0.5, 0.1] for site in plain.sites[:-1]} | {plain.sites[-1]: ["x", None]}
    layers = render.layers(plain.with_metadata(metrics=json.dumps({"sites": part})))
    assert 'class="bars"' not in render.picture(layers) and "→" not in render.table(layers)


def test_three_sentences_two_examples_and_a_picture_for_each_layer() -> None:
    plane = Plane(((0, 0), (10, 10)), ((50, 40),), ((100, 100),), ((5, 5), (50, 40), (100, 100)), 0.5)
    steering_map = map_of_layers(health=CARD.to_json())
    found = from_json(to_json(dict.fromkeys(steering_map.sites, plane)))
    layers = render.layers(steering_map)
    shown = summary(steering_map, render.counts(steering_map), render.sentence(layers), found)
    assert shown.split('class="example"')[0].count("<p>") == 3
    for piece in (
        "32 sentences as it talks now and 32",
        "the last third of the layers",
        "50% of the way",
        "Arr, she be calm!",
    ):
        assert piece in shown
    pictures = moves(found)
    assert pictures.count("<svg") == pictures.count("<line") == LAYERS and "layer 12: 50% of the way" in pictures
    bare = map_of_layers(examples="{}").with_metadata(name=NASTY)
    shown = summary(bare, render.counts(bare), render.sentence(layers), {})
    assert "<img" not in shown and ui_text.INSIDE_NO_EXAMPLES in shown and moves({}) == ""


def test_an_answer_that_was_cut_says_so() -> None:
    samples = (Sample("How is the sea?", 'It is "calm."', "Arr, she be calm and the"),)
    card = replace(CARD, samples=samples)
    shown = summary(map_of_layers(health=card.to_json()), (1, 1), "", {})
    for place in (shown, health(card.to_json())):
        assert "calm.&quot;</" in place and "calm and the …</" in place


def test_provenance_in_plain_words() -> None:
    text = render.provenance(map_of_layers(), None)
    for fact in ("SmolLM2-135M-Instruct", "31 Jan 2026", "Quick", "1 min 43 s", "72% closer", "192 of 192 (100%)",
                 "32 as it talks now, 32 as you want it"):  # fmt: skip
        assert fact in text
    concept = Concept("run:1", "pirate", "run", Path())
    assert ui_text.FACT_STRENGTH not in render.provenance(map_of_layers(), concept)  # without a health check
    assert ui_text.FACT_STRENGTH in render.provenance(map_of_layers(), replace(concept, health=CARD.to_json()))


@pytest.mark.parametrize("value", ["", "[]", "{", '{"recipe": 7, "steps": "x", "seconds": [1], "source": NaN}', NASTY])
def test_a_file_may_say_what_it_likes(value: str) -> None:
    keys = "recipe metrics examples created base_model method description lineas_version health".split()
    strange = map_of_layers().with_metadata(**dict.fromkeys(keys, value))
    layers = render.layers(strange)
    shown = render.picture(layers) + render.table(layers) + render.provenance(strange, None)
    assert "<img" not in shown + health(value)


def test_the_health_card() -> None:
    shown = health(CARD.to_json())
    for piece in (
        "works",
        CARD.reason,
        "10% → 90%",
        "12 → 25",
        "80%",
        "Arr, she be calm!",
        "arr",
        "A sentence of the other side.",
    ):
        assert piece in shown
    nasty = replace(
        CARD,
        reason=NASTY,
        samples=(Sample(NASTY, NASTY, NASTY),),
        wrong_way=(NASTY,),
        words=(ChangedWord(NASTY, 3.0, 0, 1),),
    )
    assert "<img" not in health(nasty.to_json())
    assert health("") == "" and health("{}") == "" and health('{"verdict": "?"}') == ""


@pytest.mark.browser
def test_a_concept_deleted_in_another_window_is_chosen_nowhere(
    service: StudioService, tiny_model: LoadedModel, visit: Any, open_with: Any, tmp_path: Path
) -> None:
    from page_actions import open_fold, open_tab
    from playwright.sync_api import expect

    hook = import_map(service, tiny_model, tmp_path, "hook")
    page = visit(open_with(service).url)
    open_tab(page, ui_text.INSIDE)
    chooser = page.locator("#inside-concept input")
    expect(chooser).to_have_value("hook · added")
    open_fold(page, ui_text.INSIDE_DETAILS)
    expect(page.locator("#inside-picture .cell")).to_have_count(3 * len(tiny_model.sites))
    service.delete(hook.id)
    expect(chooser).to_have_value("")
    expect(page.locator("#inside-picture .cell")).to_have_count(0)
    open_tab(page, ui_text.COMPARE)
    expect(page.locator("#map-choice input")).to_have_value("")


LABELS_APART = """() => {
  const boxes = [...document.querySelectorAll('#inside-picture .head')].map(head => head.getBoundingClientRect());
  return boxes.length > 2 && boxes.every((a, i) => boxes.slice(i + 1).every(b => a.right <= b.left || a.bottom <= b.top)); }"""
NO_CLIPPED_NUMBER = """() => [...document.querySelectorAll('.ls-wide')]
  .every(box => box.scrollWidth <= box.clientWidth + 1)"""


@pytest.mark.browser
def test_looking_inside(
    service: StudioService, tiny_model: LoadedModel, visit: Any, open_with: Any, tmp_path: Path
) -> None:
    from page_actions import choose, open_fold, open_tab
    from playwright.sync_api import expect

    path = tmp_path / "import.safetensors"
    map_of_layers(20, name="hook", description=NASTY, health=CARD.to_json()).save(path)
    hook = service.import_concept(path)
    page = visit(open_with(service).url)
    open_tab(page, ui_text.INSIDE)
    choose(page, "inside-concept", "hook")
    expect(page.locator("#inside-summary .example")).to_have_count(1)
    open_fold(page, ui_text.INSIDE_DETAILS)
    expect(page.locator("#inside-picture .cell")).to_have_count(60)
    expect(page.locator("#inside-health .ls-verdict")).to_have_text("works")
    expect(page.locator("#inside-provenance")).to_contain_text(NASTY)
    expect(page.get_by_role("img", name=ui_text.thirds((0.1, 0.2, 0.7), "")[:30])).to_be_visible()
    for width in (1024, 390):
        page.set_viewport_size({"width": width, "height": 844})
        page.wait_for_function(NO_CLIPPED_NUMBER)
        assert page.evaluate(LABELS_APART), width
    page.set_viewport_size({"width": 1280, "height": 720})
    choose(page, "inside-concept", "Cheerful")
    expect(page.locator("#inside-picture .cell")).to_have_count(3 * len(tiny_model.sites))
    expect(page.locator("#inside-health .ls-health")).to_have_count(0)
    tree = page.locator("body").aria_snapshot()
    for name in (f'region "{ui_text.INSIDE_TABLE}"', "table", ui_text.CONCEPT):
        assert name in tree
    chooser = page.locator("#inside-concept input")
    chooser.click()
    service.delete(hook.id)  # in another window, while the list is open here
    service.free_model()
    expect(page.locator("#status-banner")).to_contain_text(ui_text.NO_MODEL)
    expect(page.get_by_role("option")).to_have_count(3)  # an open list does not change
    page.keyboard.press("Tab")
    service.use_model(tiny_model)
    expect(page.locator("#status-banner")).to_contain_text(ui_text.READY)
    chooser.click()
    expect(page.get_by_role("option")).to_have_count(2)
    page.get_by_role("option", name="Pirate").click()
    expect(chooser).to_have_value("Pirate · ready-made")
    assert page.evaluate("window.pwned") is None
