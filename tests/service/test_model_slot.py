"""Loading models in the background: the present one stays until the next is ready, and after every failure."""

import logging
import subprocess
import sys
import threading
import weakref

import pytest
from fake_loader import FakeLoader
from polling import wait_for
from service_actions import SHORT, SOURCE_TEXT, TARGET_TEXT, compare, final_texts, wait_until_idle
from tiny import make_model

import lineas.models.hardware
import lineas.models.load
from lineas.errors import LineasError
from lineas.generation.generate import generate
from lineas.generation.prompts import Row
from lineas.service.service import StudioService


class Panic(BaseException):
    """Like ``pyo3_runtime.PanicException``: no Exception."""


class Models:
    """Makes models, each with weights of its own; ``loaded`` has weak references to them."""

    def __init__(self):
        self.loaded = []

    def __call__(self):
        model = make_model("llama", seed=len(self.loaded))
        self.loaded.append(weakref.ref(model))
        return model

    def in_memory(self):
        return sum(reference() is not None for reference in self.loaded)


@pytest.fixture
def models():
    return Models()


@pytest.fixture
def loader(monkeypatch, models):
    """Loads every model at once, or fails to; those called "slow" wait for the test."""
    loader = FakeLoader()
    monkeypatch.setattr(lineas.models.load, "load_model", loader)
    loader.ends = dict.fromkeys(("default", "first", "good"), models)
    loader.ends["missing"] = LineasError("There is no model 'missing'. Check the name.")
    loader.ends["damaged"] = loader.ends["large damaged"] = ValueError("odd")
    loader.ends["panic"] = Panic("index out of bounds")
    loader.large = {"large slow", "large damaged"}
    return loader


@pytest.fixture
def start(tmp_path):
    """Starts a service that loads the given model, and waits until it is ready (or not)."""
    services = []

    def start(name="first", phase="ready"):
        services.append(StudioService(name, root=tmp_path, health_checks=False))
        services[-1].start()
        wait_for(lambda: services[-1].snapshot().model.phase == phase)
        return services[-1]

    yield start
    for service in services:
        service.close()


def model_of(service):
    return service.snapshot().model


def wait_until_loaded(service):
    wait_for(lambda: model_of(service).phase != "loading")


def test_the_service_imports_no_torch():
    program = (
        "import sys, lineas.service.service as w; from pathlib import Path; b = w.StudioService(root=Path(sys.argv[1]));"
        "b.concepts(); b.runs(); b.snapshot(); b.examples_report('a', 'b');"
        "print([m for m in ('torch', 'transformers', 'gradio', 'datasets') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", program, "/nonexistent"], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_the_first_model_is_loaded_in_the_background(tmp_path, loader, models):
    service = StudioService("slow", root=tmp_path)
    assert model_of(service).phase == "none"
    service.start()
    loader.report("Still reading", 0.6)
    wait_for(lambda: model_of(service).fraction == 0.6)
    state = model_of(service)
    assert (state.name, state.phase, state.sentence) == ("slow", "loading", "Still reading")
    with pytest.raises(LineasError, match="still being loaded"):
        service.teach("x", SOURCE_TEXT, TARGET_TEXT)
    with pytest.raises(LineasError, match="still being loaded"):
        compare(service, None)
    loader.end(models)
    wait_for(lambda: model_of(service).phase == "ready")
    service.close()


def test_the_judge_s_model_is_fetched_with_the_built_in_one_and_only_then(start, loader, monkeypatch, caplog):
    """Behind the model, which is ready meanwhile; where it cannot be had, the model is ready all the same."""
    fetched, go_on, there = [], threading.Event(), [False, True]

    def load_minilm():
        fetched.append(go_on.wait(60))
        raise LineasError("No internet.")

    class Folder:
        def is_dir(self):
            return there.pop(0)

    monkeypatch.setattr("lineas.evaluation.metrics.embeddings.load_minilm", load_minilm)
    monkeypatch.setattr("lineas.service.model_slot.default_model_folder", Folder)
    service = start("default")  # it was not there, and was fetched
    assert there == [] and fetched == []
    go_on.set()
    wait_for(lambda: "No internet." in caplog.text)
    assert fetched == [True] and model_of(service).phase == "ready"
    there[:] = [True]
    start("default")  # it was there
    assert fetched == [True] and there == []


def test_without_a_model_a_failed_load_is_an_error_and_the_next_one_works(start, loader):
    service = start("missing", "error")
    assert model_of(service).sentence == "There is no model 'missing'. Check the name."
    with pytest.raises(LineasError, match="no model to work with"):
        compare(service, None)
    service.load_model("damaged")
    wait_for(lambda: "ValueError" in model_of(service).sentence)
    version = service.version
    service.load_model("good")
    wait_for(lambda: model_of(service).phase == "ready")
    assert service.version >= version + 3  # loading, reading, ready
    assert final_texts(compare(service, None))
    service.free_model()
    assert model_of(service).phase == "none"
    with pytest.raises(LineasError, match="No model is loaded"):
        service.teach("x", SOURCE_TEXT, TARGET_TEXT)
    with pytest.raises(LineasError, match="Which model"):
        service.load_model("  ")


def test_a_newer_load_replaces_one_in_progress(start, loader, models):
    service = start("slow", "loading")
    loader.report("Still reading", 0.6)
    wait_for(lambda: model_of(service).fraction == 0.6)
    service.load_model("good")
    wait_for(lambda: model_of(service).phase == "ready")
    assert model_of(service).name == "good"
    assert models.in_memory() == 1


def test_the_model_is_not_replaced_while_it_is_used(service, slow_steps):
    run_id = service.teach("sailor", SOURCE_TEXT, TARGET_TEXT, steps=50)
    for change in (lambda: service.load_model("default"), service.free_model):
        with pytest.raises(LineasError, match="'sailor' is being taught"):
            change()
    service.cancel(run_id)
    wait_until_idle(service)
    answers = compare(service, None)
    next(answers)
    with pytest.raises(LineasError, match="answer is being written"):
        service.free_model()
    answers.close()
    service.free_model()


# ---- the present model while another one is loaded


@pytest.mark.parametrize("name", ["missing", "damaged", "panic"])
def test_a_failed_load_leaves_the_present_model_in_place(start, loader, name):
    service = start()
    before, expected = service.model_slot.ready(), final_texts(compare(service, None))
    service.load_model(name)
    wait_until_loaded(service)
    state = model_of(service)
    assert (state.name, state.phase, state.facts.family) == ("first", "ready", "llama")
    assert state.problem.startswith(f"Could not load {name!r}. ")
    assert service.model_slot.ready() is before
    assert final_texts(compare(service, None)) == expected
    service.load_model("good")
    wait_for(lambda: model_of(service).name == "good" and model_of(service).phase == "ready")
    assert model_of(service).problem == ""


def test_the_present_model_answers_until_the_next_one_is_ready(start, loader, models):
    service = start()
    expected = final_texts(compare(service, None))
    [[another]] = generate(service.model_slot.ready(), ["the night"], [Row()], SHORT)
    service.load_model("slow")
    loader.report("Still reading", 0.6)
    wait_for(lambda: model_of(service).fraction == 0.6)
    assert final_texts(compare(service, None)) == expected
    for train in (lambda: service.teach("x", SOURCE_TEXT, TARGET_TEXT), lambda: service.resume("any")):
        with pytest.raises(LineasError, match="'slow' is still being loaded"):
            train()
    answers = service.answers.compare("the night", None, 1.0, SHORT, stop=threading.Event())
    next(answers)
    loader.end(models)
    wait_for(lambda: model_of(service).phase == "ready")
    assert model_of(service).name == "slow"
    assert final_texts(answers) == [another.text], "an answer ends on the model on which it began"
    wait_for(lambda: models.in_memory() == 1)
    assert final_texts(compare(service, None)) != expected


def test_a_model_that_does_not_fit_beside_it_waits_until_the_answers_end(start, loader, models):
    service = start()
    answers = compare(service, None)
    next(answers)
    service.model_slot.load("large slow", service._wait_until_model_unused)  # an answer can begin in this moment
    wait_for(lambda: service.model_slot._model is None)
    assert not loader.evicted.wait(0.05), "the answer still uses the model"
    with pytest.raises(LineasError, match="still being loaded"):
        compare(service, None)
    assert final_texts(answers)
    del answers
    assert loader.evicted.wait(30)
    assert models.in_memory() == 0
    loader.end(models)
    wait_for(lambda: model_of(service).phase == "ready")
    assert (model_of(service).name, models.in_memory()) == ("large slow", 1)


def test_an_evicted_model_comes_back_if_the_next_one_fails(start, loader, models):
    service = start()
    service.load_model("large damaged")
    assert loader.evicted.wait(30)
    wait_until_loaded(service)
    state = model_of(service)
    assert (state.name, state.phase) == ("first", "ready")
    assert state.problem.startswith("Could not load 'large damaged'.")
    assert final_texts(compare(service, None))
    assert models.in_memory() == 1


def test_an_evicted_model_comes_back_if_the_load_is_superseded_by_one_that_fails(start, loader):
    service = start()
    service.load_model("large slow")
    assert loader.evicted.wait(30)
    service.load_model("missing")
    wait_until_loaded(service)
    assert (model_of(service).name, model_of(service).phase) == ("first", "ready")
    assert model_of(service).problem.startswith("Could not load 'missing'.")


def test_an_evicted_model_that_cannot_come_back_is_an_error(start, loader):
    service = start()
    loader.ends["first"] = LineasError("There is no model 'first'. Check the name.")
    service.load_model("large damaged")
    wait_until_loaded(service)
    assert (model_of(service).name, model_of(service).phase) == ("large damaged", "error")
    assert "ValueError" in model_of(service).sentence


def test_stopping_a_load_keeps_the_present_model(start, loader):
    service = start()
    before = service.model_slot.ready()
    service.load_model("slow")
    loader.report("Still reading", 0.6)
    wait_for(lambda: model_of(service).fraction == 0.6)
    service.free_model()
    assert (model_of(service).name, model_of(service).phase) == ("first", "ready")
    assert service.model_slot.ready() is before
    service.free_model()
    assert model_of(service).phase == "none"


def test_stopping_a_load_brings_an_evicted_model_back(start, loader, models):
    service = start()
    service.load_model("large slow")
    assert loader.evicted.wait(30)
    service.free_model()
    wait_for(lambda: model_of(service).phase == "ready")
    assert (model_of(service).name, models.in_memory()) == ("first", 1)


def test_a_load_that_ends_after_it_was_given_up_changes_nothing(start, loader, models):
    go_on = threading.Event()

    def end_late():  # reports no progress, and so does not notice that it was given up
        assert go_on.wait(30)
        return models()

    loader.ends["deaf"] = end_late
    service = start()
    service.load_model("deaf")
    wait_for(lambda: loader.names == ["first", "deaf"])
    service.free_model()
    go_on.set()
    service.model_slot._last.join(30)
    assert (model_of(service).name, model_of(service).phase) == ("first", "ready")
    assert models.in_memory() == 1


def test_a_panic_in_rust_is_shown_and_logged(start, loader, caplog):
    with caplog.at_level(logging.ERROR, "lineas.service.model_slot"):
        service = start("panic", "error")
    assert "Panic: index out of bounds" in model_of(service).sentence
    assert "Panic" in caplog.text
