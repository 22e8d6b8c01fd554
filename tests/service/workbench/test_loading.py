"""The workbench is up before its model, which comes and is exchanged in the background."""

import subprocess
import sys
import threading
import time

import pytest
from polling import LEFT, RIGHT, compare, last, wait_until_idle
from waiting import wait_for

import lineas.models.load
import lineas.training.trainer
from lineas.errors import LineasError
from lineas.service.service import StudioService


def test_importing_it_imports_no_torch():
    program = (
        "import sys, lineas.service.service as w; from pathlib import Path; b = w.StudioService(root=Path(sys.argv[1]));"
        "b.concepts(); b.runs(); b.snapshot(); b.examples_report('a', 'b');"
        "print([m for m in ('torch', 'transformers', 'gradio', 'datasets') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", program, "/nonexistent"], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


@pytest.fixture
def loads(monkeypatch, tiny_model):
    """Replaces loading: names begin with what happens to them."""
    gates = {"slow": threading.Event()}

    def load_model(name, *, device, dtype, progress):
        progress("Reading the files", 0.5)
        if name == "broken":
            raise LineasError("There is no model 'broken'. Check the name.")
        if name == "bug":
            raise ValueError("odd")
        if name == "slow":
            while not gates["slow"].wait(0.005):
                progress("Still reading", 0.6)
        return tiny_model

    monkeypatch.setattr(lineas.models.load, "load_model", load_model)
    yield gates
    gates["slow"].set()


def test_the_model_comes_in_the_background(tmp_path, loads):
    service = StudioService("slow", root=tmp_path)
    assert service.snapshot().model.phase == "none"
    service.start()
    wait_for(lambda: service.snapshot().model.fraction == 0.6)
    state = service.snapshot().model
    assert (state.name, state.phase, state.sentence) == ("slow", "loading", "Still reading")
    with pytest.raises(LineasError, match="still being loaded"):
        service.teach("x", LEFT, RIGHT)
    with pytest.raises(LineasError, match="still being loaded"):
        compare(service, None)
    loads["slow"].set()
    wait_for(lambda: service.snapshot().model.phase == "ready")
    service.close()


def test_a_broken_model_says_so_and_the_next_one_works(tmp_path, loads):
    service = StudioService("broken", root=tmp_path)
    service.start()
    wait_for(lambda: service.snapshot().model.phase == "error")
    assert service.snapshot().model.sentence == "There is no model 'broken'. Check the name."
    with pytest.raises(LineasError, match="no model to work with"):
        compare(service, None)
    service.load_model("bug")
    wait_for(lambda: "ValueError" in service.snapshot().model.sentence)
    version = service.version
    service.load_model("good")
    wait_for(lambda: service.snapshot().model.phase == "ready")
    assert service.version >= version + 3  # loading, reading, ready
    assert last(compare(service, None))
    service.free_model()
    assert service.snapshot().model.phase == "none"
    with pytest.raises(LineasError, match="No model is loaded"):
        service.teach("x", LEFT, RIGHT)
    with pytest.raises(LineasError, match="Which model"):
        service.load_model("  ")
    service.close()


def test_a_newer_wish_ends_a_load_that_is_under_way(tmp_path, loads):
    service = StudioService("slow", root=tmp_path)
    service.start()
    wait_for(lambda: service.snapshot().model.fraction == 0.6)
    service.load_model("good")
    wait_for(lambda: service.snapshot().model.phase == "ready")
    assert service.snapshot().model.name == "good"
    service.load_model("slow")
    service.free_model()
    loads["slow"].set()
    time.sleep(0.05)
    assert service.snapshot().model.phase == "none"
    service.close()


def test_no_other_model_while_this_one_is_used(service, slow_steps):
    run_id = service.teach("sailor", LEFT, RIGHT, steps=50)
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
