"""Teaching in the background: what comes of it, what is refused, what waits, and what the page sees meanwhile."""

import pytest
import torch
from polling import LEFT, RIGHT, teach, wait_until_idle
from tiny import SOURCE, TARGET
from waiting import wait_for

import lineas.models.load
import lineas.training.trainer
from lineas.errors import LineasError
from lineas.service.service import Workbench
from lineas.training.trainer import fit


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
    fitted = fit(tiny_model, SOURCE, TARGET, lineas.training.trainer.recipe_named("quick", steps=4), seed=3)
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
