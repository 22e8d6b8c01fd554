"""The workbench as a page uses it, on tiny models: teaching and answering at the same time, loading, restarts."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import torch
from tiny import SOURCE, TARGET, make_model

import lineas.model.loading
import lineas.training
from lineas.core.maps import SteeringMap
from lineas.errors import LineasError
from lineas.generation import Row, Sampling
from lineas.store import RunSpec, RunStore
from lineas.training import fit
from lineas.workbench import Workbench

LEFT, RIGHT = "\n".join(SOURCE), "\n".join(TARGET)
SHORT = Sampling(max_new_tokens=12, temperature=0.7, seed=1)


@pytest.fixture
def bench(tmp_path, tiny_model):
    bench = Workbench(root=tmp_path / "home", examine=False)
    bench.start(load=False)
    bench.use_model(tiny_model)
    yield bench
    bench.close()


def wait_for(condition, seconds=60.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.002)


def wait_until_idle(bench):
    wait_for(lambda: bench.snapshot().run is None or bench.snapshot().run.state not in ("queued", "running"))


def teach(bench, name="sailor", **settings):
    run_id = bench.teach(name, LEFT, RIGHT, **{"steps": 4, **settings})
    wait_until_idle(bench)
    assert bench.snapshot().run.state == "done", bench.snapshot().run.error
    return f"run:{run_id}"


def last(comparison):
    return [answer.text for answer in list(comparison)[-1]]


def compare(bench, concept_id, strength=1.0, **more):
    return bench.questions.compare("the day was", concept_id, strength, SHORT, stop=threading.Event(), **more)


@pytest.fixture
def slow_steps(monkeypatch):
    """Makes every training step last 30 ms, with a checkpoint after each; and sees when one is being made."""
    monkeypatch.setattr(lineas.training, "SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    real, made = lineas.training.backward, []

    def backward(*args, **kwargs):
        time.sleep(0.03)
        made.append(time.perf_counter())
        return real(*args, **kwargs)

    monkeypatch.setattr(lineas.training, "backward", backward)
    return made


# ---- the page is up first


def test_importing_it_imports_no_torch():
    program = (
        "import sys, lineas.workbench as w; from pathlib import Path; b = w.Workbench(root=Path(sys.argv[1]));"
        "b.concepts(); b.runs(); b.snapshot(); b.examples_report('a', 'b');"
        "print([m for m in ('torch', 'transformers', 'gradio', 'datasets') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", program, "/nonexistent"], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


# ---- loading


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

    monkeypatch.setattr(lineas.model.loading, "load_model", load_model)
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


# ---- teaching


def test_teach_and_use(bench, tiny_model):
    version = bench.version
    concept_id = teach(bench)
    snapshot = bench.snapshot()
    assert bench.version > version + 5
    assert snapshot.run.id == concept_id.removeprefix("run:")
    assert (snapshot.run.name, snapshot.run.step, snapshot.run.of) == ("sailor", 4, 4)
    assert snapshot.run.distance_start > 0 and snapshot.run.error == "" and snapshot.run.sentence
    assert [point.step for point in bench.metrics(snapshot.run.id)] == [1, 2, 3, 4]
    assert bench.sentences(snapshot.run.id) == (SOURCE, TARGET)
    concept = next(c for c in bench.concepts() if c.id == concept_id)
    assert (concept.name, concept.base_model) == ("sailor", tiny_model.id)
    assert bench.runs()[0].state == "done"


def test_the_library_teaches_the_same_map(bench, tiny_model):
    taught = bench.steering_map(teach(bench, seed=3))
    fitted = fit(tiny_model, SOURCE, TARGET, lineas.training.recipe_named("quick", steps=4), seed=3)
    for site in fitted.sites:
        assert torch.equal(taught.scale[site], fitted.scale[site])
        assert torch.equal(taught.shift[site], fitted.shift[site])


def test_names_are_made_unique(bench):
    for _ in range(3):
        bench.teach("sailor", LEFT, RIGHT, steps=1)
    bench.teach("", LEFT, RIGHT, steps=1)
    assert sorted(record.name for record in bench.runs()) == ["concept", "sailor", "sailor 2", "sailor 3"]
    wait_until_idle(bench)


@pytest.mark.parametrize(
    ("arguments", "settings", "words"),
    [
        (("", ""), {}, "How it talks now"),
        ((LEFT, ""), {}, "How you want it to talk"),
        (("a\nb\nc", "d\ne\nf"), {}, "4"),
        ((LEFT, RIGHT), {"recipe": "magic"}, "magic"),
        ((LEFT, RIGHT), {"steps": 0}, "0 steps"),
        ((LEFT, RIGHT), {"sparsity": -1.0}, "negative"),
        ((LEFT, RIGHT), {"support": 400.0}, "percentage"),
        (("x" * 10_000_000, RIGHT), {}, "characters"),
    ],
)
def test_bad_input_is_told_and_nothing_is_kept(bench, arguments, settings, words):
    with pytest.raises(LineasError, match=words):
        bench.teach("sailor", *arguments, **settings)
    assert bench.runs() == []
    assert bench.snapshot().run is None


def test_unknown_sites_fail_in_words(bench):
    bench.teach("sailor", LEFT, RIGHT, steps=2, sites="nothing_like_this")
    wait_until_idle(bench)
    run = bench.snapshot().run
    assert run.state == "failed"
    assert "nothing_like_this" in run.error


def test_examples_report(bench):
    report = bench.examples_report("- one day\n- one day\n\n- two days\n", RIGHT)
    assert (report.source_count, report.source_repeats) == (2, 1)
    assert (report.target_count, report.target_repeats) == (len(TARGET), 0)
    assert any(finding.severity == "error" for finding in report.findings)


def test_cancel_twice_and_resume(bench, slow_steps):
    run_id = bench.teach("sailor", LEFT, RIGHT, steps=12)
    wait_for(lambda: bench.snapshot().run.step >= 3)
    with pytest.raises(LineasError, match="already"):
        bench.resume(run_id)
    made = len(slow_steps)
    assert "after this step" in bench.cancel(run_id)
    assert bench.snapshot().run.stopping
    assert "already" in bench.cancel(run_id)
    wait_until_idle(bench)
    assert len(slow_steps) - made <= 1
    assert "not being taught" in bench.cancel(run_id)
    assert bench.snapshot().run.state == "cancelled"
    bench.resume(run_id)
    wait_until_idle(bench)
    assert bench.snapshot().run.state == "done"
    assert [point.step for point in bench.metrics(run_id)] == list(range(1, 13))
    with pytest.raises(LineasError, match="nothing to resume"):
        bench.resume(run_id)
    with pytest.raises(LineasError, match="no run"):
        bench.cancel("nothing")


def test_a_second_training_waits(bench, slow_steps):
    first = bench.teach("sailor", LEFT, RIGHT, steps=4)
    second = bench.teach("poet", LEFT, RIGHT, steps=2)
    snapshot = bench.snapshot()
    assert snapshot.run.id == first
    assert snapshot.queue_length >= 1
    wait_for(lambda: bench.snapshot().run.id == second)
    wait_until_idle(bench)
    assert [record.state for record in bench.runs()] == ["done", "done"]


# ---- answers


def test_rows_of_a_comparison(bench, tiny_model):
    concept_id = teach(bench, steps=20)
    plain, steered = last(compare(bench, concept_id, 2.0))
    assert [plain] == last(compare(bench, None))
    assert plain != steered
    assert last(compare(bench, concept_id, 0.0)) == [plain, plain]
    three = last(compare(bench, concept_id, 2.0, extra_rows=[Row(system="be good .")]))
    assert three[:2] == [plain, steered]
    assert len(three) == 3
    for answers in compare(bench, concept_id):
        assert len(answers) == 2


def test_comparing_shows_and_ends(bench):
    assert not bench.snapshot().comparing
    version = bench.version
    answers = compare(bench, None)
    next(answers)
    assert bench.snapshot().comparing
    answers.close()
    assert not bench.snapshot().comparing
    assert bench.version == version + 2
    assert not bench.lock.locked


def test_stop_ends_an_answer(bench):
    stop = threading.Event()
    answers = bench.questions.compare("the day", None, 1.0, Sampling(max_new_tokens=200, seed=2), stop=stop)
    next(answers)
    stop.set()
    final = list(answers)
    assert not final or final[-1][0].tokens < 200
    assert not bench.snapshot().comparing


def test_maps_of_other_models(bench, tiny_model):
    concept_id = teach(bench)
    twin, stranger = make_model("llama", seed=5), make_model("gpt2")
    bench.use_model(twin)
    answers = compare(bench, concept_id)
    assert "other weights" in answers.warning
    assert len(last(answers)) == 2
    bench.use_model(stranger)
    with pytest.raises(LineasError, match="does not fit"):
        compare(bench, concept_id)
    with pytest.raises(LineasError, match="no concept"):
        compare(bench, "run:nothing")
    bench.use_model(tiny_model)
    assert compare(bench, concept_id).warning is None


def test_errors_of_an_answer_are_sentences(bench, monkeypatch):
    with pytest.raises(LineasError, match="prompt is empty"):
        list(bench.questions.compare(" ", None, 1.0, SHORT, stop=threading.Event()))

    def broken(*args, **kwargs):
        raise torch.OutOfMemoryError("CUDA out of memory")
        yield

    monkeypatch.setattr("lineas.generation.stream", broken)
    with pytest.raises(LineasError, match="graphics card ran out of memory"):
        list(compare(bench, None))
    assert not bench.snapshot().comparing


def test_answering_while_teaching_changes_neither(bench, slow_steps):
    """The map is the same to the bit with and without answers in between, and so are the answers' texts."""
    older = teach(bench, "older", steps=6)
    quiet = bench.steering_map(teach(bench, "quiet", steps=12, seed=4))
    expected = last(compare(bench, older, 1.5))
    run_id = bench.teach("busy", LEFT, RIGHT, steps=12, seed=4)
    wait_for(lambda: bench.snapshot().run.step >= 2)
    during = 0
    while bench.snapshot().run.state == "running":
        assert last(compare(bench, older, 1.5)) == expected
        during += 1
    assert during >= 2
    wait_until_idle(bench)
    busy = bench.steering_map(f"run:{run_id}")
    for site in quiet.sites:
        assert torch.equal(busy.scale[site], quiet.scale[site])
        assert torch.equal(busy.shift[site], quiet.shift[site])


def test_an_answer_starts_within_one_step(bench, slow_steps, monkeypatch):
    monkeypatch.setattr("lineas.decoding.SECONDS_OF_A_TURN", 100.0)  # so that only its beginning is looked at
    run_id = bench.teach("sailor", LEFT, RIGHT, steps=100)
    wait_for(lambda: bench.snapshot().run.step >= 2)
    for _ in range(3):
        before = len(slow_steps)
        answers = compare(bench, None)
        next(answers)
        assert len(slow_steps) - before <= 1
        answers.close()
        time.sleep(0.05)
    bench.cancel(run_id)
    wait_until_idle(bench)


def test_teaching_leaves_the_process_as_it_was(bench, tiny_model):
    state, grad = torch.get_rng_state(), torch.is_grad_enabled()
    concept_id = teach(bench)
    list(compare(bench, concept_id))
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.is_grad_enabled() == grad
    assert not any(p.requires_grad or p.grad is not None for p in tiny_model.network.parameters())
    assert not tiny_model.network.training
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in tiny_model.network.modules())


# ---- concepts


def test_every_change_of_a_concept_is_a_new_version(bench, tmp_path):
    concept_id = teach(bench)
    exported = tmp_path / "theirs.safetensors"
    bench.steering_map(concept_id).save(exported)
    copies = []
    for change in (
        lambda: copies.append(bench.import_concept(exported)),
        lambda: copies.append(bench.duplicate(concept_id)),
        lambda: copies.append(bench.mix([(concept_id, 0.5), (copies[0].id, 0.5)], "mixed")),
        lambda: bench.rename(concept_id, "buccaneer"),
        lambda: bench.annotate(concept_id, "good at ½"),
        lambda: bench.delete(concept_id),
        lambda: bench.undelete(concept_id),
    ):
        version = bench.version
        change()
        assert bench.version > version
    assert {c.name for c in bench.concepts() if c.kind != "preset"} == {"buccaneer", "sailor 2", "sailor 3", "mixed"}
    assert bench.snapshot().run.name == "buccaneer"
    assert len(last(compare(bench, copies[2].id))) == 2
    bench.delete(concept_id)
    assert bench.snapshot().run is None


def test_a_refused_import_changes_nothing(bench, tmp_path):
    before, version = bench.concepts(), bench.version
    (tmp_path / "bad.safetensors").write_bytes(b"nothing of the kind")
    with pytest.raises(LineasError, match="bad"):
        bench.import_concept(tmp_path / "bad.safetensors")
    assert (bench.concepts(), bench.version) == (before, version)


# ---- restarts


def test_snapshots_scan_no_disk(bench, monkeypatch):
    teach(bench)

    def scan(*args, **kwargs):
        raise AssertionError("the disk was scanned")

    for name in ("iterdir", "glob", "open", "read_text", "read_bytes"):
        monkeypatch.setattr(Path, name, scan)
    began = time.perf_counter()
    for _ in range(100):
        assert bench.snapshot().run.name == "sailor"
    assert time.perf_counter() - began < 1.0


def test_closing_and_starting_again(bench, tmp_path, tiny_model, slow_steps):
    run_id = bench.teach("sailor", LEFT, RIGHT, steps=10)
    wait_for(lambda: bench.snapshot().run.step >= 3)
    bench.close()
    again = Workbench(root=tmp_path / "home")
    again.start(load=False)
    snapshot = again.snapshot()
    assert (snapshot.run.id, snapshot.run.state) == (run_id, "interrupted")
    with pytest.raises(LineasError, match="No model"):
        again.resume(run_id)
    again.use_model(make_model("gpt2"))
    with pytest.raises(LineasError, match="Load that one first"):
        again.resume(run_id)
    again.use_model(tiny_model)
    again.resume(run_id)
    wait_until_idle(again)
    assert again.snapshot().run.state == "done"
    again.close()


def test_a_run_of_the_command_line_is_left_alone(bench, tmp_path):
    other = RunStore(tmp_path / "home")
    run = other.create(RunSpec("theirs", tuple(SOURCE), tuple(TARGET)))
    run.update(state="running")
    assert [record.state for record in bench.runs()] == ["running"]
    with pytest.raises(LineasError, match="Stop it there"):
        bench.cancel(run.id)
    with pytest.raises(LineasError, match="being taught already"):
        bench.resume(run.id)
    second = Workbench(root=tmp_path / "home")
    second.start(load=False)
    assert second.snapshot().run is None
    assert run.record.state == "running"
    second.close()
    run.let_go()


def test_kill_minus_nine_and_resume_gives_the_same_map(bench, tmp_path, slow_steps):
    """A real process is killed while it teaches; the next one resumes and ends with the map of an undisturbed training."""
    program = tmp_path / "teach.py"
    program.write_text(
        "import sys, time\n"
        "from pathlib import Path\n"
        f"sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from tiny import SOURCE, TARGET, make_model\n"
        "import lineas.training\n"
        "lineas.training.SECONDS_BETWEEN_CHECKPOINTS = 0.0\n"
        "real = lineas.training.backward\n"
        "lineas.training.backward = lambda *a, **k: (time.sleep(0.1), real(*a, **k))[1]\n"
        "from lineas.workbench import Workbench\n"
        "bench = Workbench(root=Path(sys.argv[1]))\n"
        "bench.start(load=False)\n"
        "bench.use_model(make_model('llama'))\n"
        "run_id = bench.teach('sailor', '\\n'.join(SOURCE), '\\n'.join(TARGET), steps=40, seed=7)\n"
        "while bench.snapshot().run.step < 5: time.sleep(0.01)\n"
        "print(run_id, flush=True)\n"
        "time.sleep(60)\n"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1]), "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [sys.executable, str(program), str(tmp_path / "home")], stdout=subprocess.PIPE, text=True, env=environment
    )
    run_id = process.stdout.readline().strip()
    assert run_id
    assert bench.runs()[0].state == "running"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert bench.runs()[0].state == "interrupted"
    bench.resume(run_id)
    wait_until_idle(bench)
    resumed = bench.steering_map(f"run:{run_id}")
    whole = bench.steering_map(teach(bench, "whole", steps=40, seed=7))
    assert [point.step for point in bench.metrics(run_id)] == list(range(1, 41))
    assert isinstance(resumed, SteeringMap)
    for site in whole.sites:
        assert torch.equal(resumed.scale[site], whole.scale[site])
        assert torch.equal(resumed.shift[site], whole.shift[site])


DEVICE_ERROR = "CUDA error: device-side assert triggered\nCUDA kernel errors might be asynchronously reported"


def test_a_graphics_card_that_is_lost_in_an_answer(bench, tiny_model, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError(DEVICE_ERROR)

    monkeypatch.setattr(lineas.generation, "_generate", fail)
    with pytest.raises(LineasError, match="stopped answering"):
        last(compare(bench, None))
    state = bench.snapshot().model
    assert state.phase == "broken" and "Restart" in state.sentence
    monkeypatch.undo()
    for attempt in (
        lambda: bench.teach("x", LEFT, RIGHT),
        lambda: compare(bench, None),
        lambda: bench.load_model("default"),
    ):
        with pytest.raises(LineasError, match="stopped answering"):
            attempt()
    bench.free_model()
    assert bench.snapshot().model.phase == "broken"  # until the process ends


def test_a_graphics_card_that_is_lost_in_a_training(bench, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError(DEVICE_ERROR)

    monkeypatch.setattr(lineas.training, "backward", fail)
    run_id = bench.teach("x", LEFT, RIGHT)
    wait_for(lambda: bench.snapshot().model.phase == "broken")
    record = bench.store.get(run_id).record
    assert record.state == "failed" and record.resumable and "Restart" in record.error


def test_examples_that_will_be_cut_are_told_once_the_model_is_there(bench, tmp_path):
    long = "\n".join([RIGHT, "the day was " * 90])
    assert "truncated" in [finding.code for finding in bench.examples_report(LEFT, long).findings]
    without = Workbench(root=tmp_path / "other")
    assert "truncated" not in [finding.code for finding in without.examples_report(LEFT, long).findings]


def test_previews_and_the_log_of_a_run(bench):
    run_id = teach(bench, preview="  the day was ").removeprefix("run:")
    assert [preview.step for preview in bench.previews(run_id)] == [0, 1, 2, 3, 4]
    assert bench.snapshot().run.preview == "the day was"
    path, end = bench.log(run_id)
    assert path.name == "log.txt" and "teaching on" in end
    assert bench.previews(teach(bench).removeprefix("run:")) == []
