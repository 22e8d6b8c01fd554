"""What a page shows for each state: banner, buttons, lists, the training curve, and running answers."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from lineas.service.snapshot import ModelState, RunState, Snapshot
from lineas.storage import Concept, MetricPoint
from lineas.ui import text as ui_text
from lineas.ui import view_state
from lineas.ui.context import Streams
from lineas.ui.pages.teach import render

READY = Snapshot(1, ModelState("default", "ready"), None, 0, False)
RUN = RunState("r1", "pirate", "running", 35, 80, 2.5, 10.0, 40.2)


def at(phase: str = "ready", run: RunState | None = None, queue: int = 0) -> Snapshot:
    model = ModelState("default", phase, "A sentence about the model.")  # type: ignore[arg-type]
    return replace(READY, model=model, run=run, queue_length=queue)


@pytest.mark.parametrize(
    ("snapshot", "tone", "sentence"),
    [
        (at("none"), "quiet", ui_text.NO_MODEL),
        (at("loading"), "busy", "A sentence about the model."),
        (at("error"), "bad", "A sentence about the model."),
        (at("broken"), "bad", "A sentence about the model."),
        (at("broken", replace(RUN, state="failed", error="Lost.")), "bad", "A sentence about the model."),
        (at(), "good", ui_text.READY),
        (at(run=RUN), "busy", "Teaching “pirate”: step 35 of 80, about 40 s left"),
        (at(run=replace(RUN, state="queued")), "busy", "“pirate” is waiting for its turn."),
        (at(run=replace(RUN, state="done")), "good", ui_text.DONE.format(name="pirate")),
        (at(run=replace(RUN, state="cancelled")), "quiet", ui_text.CANCELLED.format(name="pirate", step=35)),
        (at(run=replace(RUN, state="interrupted")), "quiet", ui_text.INTERRUPTED.format(name="pirate", step=35)),
        (at(run=replace(RUN, state="failed", error="No room.")), "bad", ui_text.FAILED.format(name="pirate")),
        (at("loading", replace(RUN, state="done")), "busy", "A sentence about the model."),
    ],
)
def test_the_banner(snapshot: Snapshot, tone: str, sentence: str) -> None:
    status = view_state.status(snapshot)
    assert (status.tone, status.sentence) == (tone, sentence)


def test_the_banner_shows_progress_reason_and_queue() -> None:
    assert view_state.status(at(run=RUN)).fraction == 35 / 80
    assert view_state.status(at(run=RUN, queue=2)).detail == "2 more in the queue"
    assert (
        view_state.status(at(run=replace(RUN, state="queued"), queue=1)).detail == ""
    )  # the queued run itself does not count
    assert view_state.status(at(run=replace(RUN, state="failed", error="No room."))).detail == "No room."
    assert "75% closer" in view_state.status(at(run=replace(RUN, state="done"))).detail
    reading = view_state.status(at(run=replace(RUN, step=0, sentence="Reading the sentences: 3 of 64.")))
    assert (reading.sentence, reading.detail) == ("Teaching “pirate”.", "Reading the sentences: 3 of 64.")
    assert reading.moving and reading.fraction is None
    assert view_state.status(at(run=replace(RUN, stopping=True))).detail == ui_text.STOPPING


@pytest.mark.parametrize(
    ("snapshot", "teach", "cancel", "why"),
    [
        (at("none"), False, False, ui_text.WHY_NO_MODEL),
        (at("loading"), False, False, ui_text.WHY_LOADING),
        (at("error"), False, False, ui_text.WHY_MODEL_ERROR),
        (at("broken"), False, False, ui_text.WHY_BROKEN),
        (at(), True, False, ""),
        (at(run=RUN), True, True, ui_text.QUEUES.format(name=RUN.name)),
        (at(run=replace(RUN, stopping=True)), True, False, ui_text.WHY_STOPPING),
        (at(run=replace(RUN, state="done")), True, False, ""),
    ],
)
def test_teach_controls_always_say_why(snapshot: Snapshot, teach: bool, cancel: bool, why: str) -> None:
    assert view_state.teach_controls(snapshot) == view_state.Controls(teach, cancel, why)


@pytest.mark.parametrize(
    ("snapshot", "action"),
    [
        (at("none"), ""),
        (at("loading", replace(RUN, state="interrupted")), ""),  # without a model, nothing can be resumed
        (at("error", replace(RUN, state="done")), ""),
        (at("broken", RUN), ui_text.ACT_RESTART),
        (at(), ""),
        (at(run=RUN), ui_text.ACT_STOP),
        (at(run=replace(RUN, state="queued")), ui_text.ACT_STOP),
        (at(run=replace(RUN, stopping=True)), ""),
        (at(run=replace(RUN, state="done")), ui_text.ACT_TRY),
        (at(run=replace(RUN, state="cancelled")), ui_text.ACT_RESUME),
        (at(run=replace(RUN, state="interrupted")), ui_text.ACT_RESUME),
        (at(run=replace(RUN, state="failed")), ui_text.ACT_RESUME),
    ],
)
def test_the_banner_offers_what_can_be_done(snapshot: Snapshot, action: str) -> None:
    assert view_state.banner_action(snapshot) == action


def test_compare_controls_say_why_nothing_can_be_asked() -> None:
    assert view_state.compare_controls(at(), streaming=False) == view_state.Controls(True, False, "")
    assert view_state.compare_controls(at(), streaming=True) == view_state.Controls(False, True)
    assert view_state.compare_controls(at("loading"), streaming=False) == view_state.Controls(
        False, False, ui_text.WHY_LOADING
    )
    assert ui_text.SHARING in view_state.compare_controls(at(run=RUN), streaming=False).why


def test_only_stopped_runs_can_be_resumed() -> None:
    assert not view_state.can_resume(None)
    states = ("queued", "running", "done", "cancelled", "failed", "interrupted")
    resumable = [s for s in states if view_state.can_resume(replace(RUN, state=s))]  # type: ignore[arg-type]
    assert resumable == ["cancelled", "failed", "interrupted"]


def test_the_list_of_concepts_names_the_origin_of_each() -> None:
    new, preset = Concept("run:2", "pirate", "run", Path()), Concept("preset:pirate", "Pirate", "preset", Path())
    assert view_state.concept_choices([new, preset]) == [
        ("pirate · yours", "run:2"),
        ("Pirate · ready-made", "preset:pirate"),
    ]


def test_the_first_concept_fits_the_loaded_model() -> None:
    other, mine, unknown = (
        Concept(f"map:{i}", "x", "imported", Path(), base_model=m) for i, m in enumerate(("a", "b", ""))
    )
    assert view_state.first_fitting([other, mine], ModelState("b", "ready")) is mine
    assert view_state.first_fitting([other, unknown], ModelState("b", "ready")) is unknown
    assert view_state.first_fitting([other], ModelState("b", "ready")) is None


@pytest.mark.parametrize("value", [0, 0.05, 0.5, 0.75, 0.95, 1, 1.25, 1.5, 2])
def test_every_strength_has_words(value: float) -> None:
    assert ui_text.strength(value)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (0.4, "about a second left"),
        (40.2, "about 40 s left"),
        (200, "about 3½ min left"),
        (1000, "about 17 min left"),
    ],
)
def test_time_left(seconds: float | None, text: str) -> None:
    assert ui_text.time_left(seconds) == text


def test_the_chart_has_words_and_stays_in_its_frame() -> None:
    points = [MetricPoint(step, 10.0 / step, 10.0 / step) for step in range(1, 21)]
    html = render.distance_chart([replace(points[0], distance=12.0), *points[1:]], of=40, start=12.0)
    assert 'aria-label="Distance to the concept: 12 at the start, 0.5 after 19 of 40 steps. Lower is better."' in html
    line = html.split('<polyline points="')[1].split('"')[0]
    places = [tuple(map(float, pair.split(","))) for pair in line.split()]
    assert places[0][0] == 0 and places[-1][0] == 475  # step 20 measures the distance after 19 steps
    assert all(0 <= y <= 300 for _, y in places)
    assert ui_text.CHART_EMPTY in render.distance_chart([], 0, None)


def test_a_finished_curve_ends_at_the_final_distance() -> None:
    points = [MetricPoint(step, 12.0 / step, 12.0 / step) for step in range(1, 6)]
    run = RunState("1", "Pirate", "running", step=5, of=5, distance=2.4, distance_start=12.0)
    assert "12 at the start, 2.4 after 4 of 5 steps" in render.curve(points, run)
    done = replace(run, state="done", distance=2.5)
    html = render.curve(points, done)
    assert "12 at the start, 2.5 after 5 of 5 steps" in html and "<b>2.5</b>" in html
    assert ui_text.closer(12.0, 2.5) == view_state.run_status(done).detail


def test_a_new_answer_of_a_page_cancels_the_running_one() -> None:
    streams = Streams()
    first = streams.begin("page")
    second = streams.begin("page")
    assert first.is_set() and not second.is_set()
    streams.end("page", first)  # the old one ends after the new one began
    assert streams.running("page") and not second.is_set()
    streams.stop("page")
    assert second.is_set()
    streams.end("page", second)
    assert not streams.running("page")


def test_no_text_is_defined_by_two_pages() -> None:
    """All text modules share one namespace, in which the later module would silently replace a name."""
    names: dict[str, str] = {}
    for path in sorted(Path(ui_text.__file__).parent.glob("english/[a-z]*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            assigned = [node.target] if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [])
            bound = [name.id for target in assigned for name in ast.walk(target) if isinstance(name, ast.Name)]
            for name in [*bound, *([node.name] if isinstance(node, ast.FunctionDef) else [])]:
                assert name not in names, f"{name} is in {names[name]} and in {path.name}"
                names[name] = path.name
