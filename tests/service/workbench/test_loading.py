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
from lineas.service.service import Workbench


def test_importing_it_imports_no_torch():
    program = (
        "import sys, lineas.service.service as w; from pathlib import Path; b = w.Workbench(root=Path(sys.argv[1]));"
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
    bench = Workbench("slow", root=tmp_path)
    assert bench.snapshot().model.phase == "none"
    bench.start()
    wait_for(lambda: bench.snapshot().model.fraction == 0.6)
    state = bench.snapshot().model
    assert (state.name, state.phase, state.sentence) == ("slow", "loading", "Still reading")
    with pytest.raises(LineasError, match="still being loaded"):
        bench.teach("x", LEFT, RIGHT)
    with pytest.raises(LineasError, match="still being loaded"):
        compare(bench, None)
    loads["slow"].set()
    wait_for(lambda: bench.snapshot().model.phase == "ready")
    bench.close()


def test_a_broken_model_says_so_and_the_next_one_works(tmp_path, loads):
    bench = Workbench("broken", root=tmp_path)
    bench.start()
    wait_for(lambda: bench.snapshot().model.phase == "error")
    assert bench.snapshot().model.sentence == "There is no model 'broken'. Check the name."
    with pytest.raises(LineasError, match="no model to work with"):
        compare(bench, None)
    bench.load_model("bug")
    wait_for(lambda: "ValueError" in bench.snapshot().model.sentence)
    version = bench.version
    bench.load_model("good")
    wait_for(lambda: bench.snapshot().model.phase == "ready")
    assert bench.version >= version + 3  # loading, reading, ready
    assert last(compare(bench, None))
    bench.free_model()
    assert bench.snapshot().model.phase == "none"
    with pytest.raises(LineasError, match="No model is loaded"):
        bench.teach("x", LEFT, RIGHT)
    with pytest.raises(LineasError, match="Which model"):
        bench.load_model("  ")
    bench.close()


def test_a_newer_wish_ends_a_load_that_is_under_way(tmp_path, loads):
    bench = Workbench("slow", root=tmp_path)
    bench.start()
    wait_for(lambda: bench.snapshot().model.fraction == 0.6)
    bench.load_model("good")
    wait_for(lambda: bench.snapshot().model.phase == "ready")
    assert bench.snapshot().model.name == "good"
    bench.load_model("slow")
    bench.free_model()
    loads["slow"].set()
    time.sleep(0.05)
    assert bench.snapshot().model.phase == "none"
    bench.close()


def test_no_other_model_while_this_one_is_used(bench, slow_steps):
    run_id = bench.teach("sailor", LEFT, RIGHT, steps=50)
    for change in (lambda: bench.load_model("default"), bench.free_model):
        with pytest.raises(LineasError, match="'sailor' is being taught"):
            change()
    bench.cancel(run_id)
    wait_until_idle(bench)
    answers = compare(bench, None)
    next(answers)
    with pytest.raises(LineasError, match="answer is being written"):
        bench.free_model()
    answers.close()
    bench.free_model()
