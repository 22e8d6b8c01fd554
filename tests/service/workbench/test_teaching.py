"""Teaching in the background: what comes of it, what is refused, what waits, and what the page sees meanwhile."""

import pytest
import torch
from polling import LEFT, RIGHT, teach, wait_until_idle
from tiny import SOURCE, TARGET
from waiting import wait_for

from lineas.errors import LineasError
from lineas.service.service import StudioService
from lineas.training.recipes import recipe_named
from lineas.training.trainer import fit


def test_teach_and_use(service, tiny_model):
    version = service.version
    concept_id = teach(service)
    snapshot = service.snapshot()
    assert service.version > version + 5
    assert snapshot.run.id == concept_id.removeprefix("run:")
    assert (snapshot.run.name, snapshot.run.step, snapshot.run.of) == ("sailor", 4, 4)
    assert snapshot.run.distance_start > 0 and snapshot.run.error == "" and snapshot.run.sentence
    assert [point.step for point in service.metrics(snapshot.run.id)] == [1, 2, 3, 4]
    assert service.sentences(snapshot.run.id) == (SOURCE, TARGET)
    concept = next(c for c in service.concepts() if c.id == concept_id)
    assert (concept.name, concept.base_model) == ("sailor", tiny_model.id)
    assert service.runs()[0].state == "done"


def test_the_library_teaches_the_same_map(service, tiny_model):
    taught = service.steering_map(teach(service, seed=3))
    fitted = fit(tiny_model, SOURCE, TARGET, recipe_named("quick", steps=4), seed=3)
    for site in fitted.sites:
        assert torch.equal(taught.scale[site], fitted.scale[site])
        assert torch.equal(taught.shift[site], fitted.shift[site])


def test_names_are_made_unique(service):
    for _ in range(3):
        service.teach("sailor", LEFT, RIGHT, steps=1)
    service.teach("", LEFT, RIGHT, steps=1)
    assert sorted(record.name for record in service.runs()) == ["concept", "sailor", "sailor 2", "sailor 3"]
    wait_until_idle(service)


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
def test_bad_input_is_told_and_nothing_is_kept(service, arguments, settings, words):
    with pytest.raises(LineasError, match=words):
        service.teach("sailor", *arguments, **settings)
    assert service.runs() == []
    assert service.snapshot().run is None


def test_unknown_sites_fail_in_words(service):
    service.teach("sailor", LEFT, RIGHT, steps=2, sites="nothing_like_this")
    wait_until_idle(service)
    run = service.snapshot().run
    assert run.state == "failed"
    assert "nothing_like_this" in run.error


def test_examples_report(service):
    report = service.examples_report("- one day\n- one day\n\n- two days\n", RIGHT)
    assert (report.source_count, report.source_repeats) == (2, 1)
    assert (report.target_count, report.target_repeats) == (len(TARGET), 0)
    assert any(finding.severity == "error" for finding in report.findings)


def test_cancel_twice_and_resume(service, slow_steps):
    run_id = service.teach("sailor", LEFT, RIGHT, steps=12)
    wait_for(lambda: service.snapshot().run.step >= 3)
    with pytest.raises(LineasError, match="already"):
        service.resume(run_id)
    made = len(slow_steps)
    assert "after this step" in service.cancel(run_id)
    assert service.snapshot().run.stopping
    assert "already" in service.cancel(run_id)
    wait_until_idle(service)
    assert len(slow_steps) - made <= 1
    assert "not being taught" in service.cancel(run_id)
    assert service.snapshot().run.state == "cancelled"
    service.resume(run_id)
    wait_until_idle(service)
    assert service.snapshot().run.state == "done"
    assert [point.step for point in service.metrics(run_id)] == list(range(1, 13))
    with pytest.raises(LineasError, match="nothing to resume"):
        service.resume(run_id)
    with pytest.raises(LineasError, match="no run"):
        service.cancel("nothing")


def test_a_second_training_waits(service, slow_steps):
    first = service.teach("sailor", LEFT, RIGHT, steps=4)
    second = service.teach("poet", LEFT, RIGHT, steps=2)
    snapshot = service.snapshot()
    assert snapshot.run.id == first
    assert snapshot.queue_length >= 1
    wait_for(lambda: service.snapshot().run.id == second)
    wait_until_idle(service)
    assert [record.state for record in service.runs()] == ["done", "done"]


def test_examples_that_will_be_cut_are_told_once_the_model_is_there(service, tmp_path):
    long = "\n".join([RIGHT, "the day was " * 90])
    assert "truncated" in [finding.code for finding in service.examples_report(LEFT, long).findings]
    without = StudioService(root=tmp_path / "other")
    assert "truncated" not in [finding.code for finding in without.examples_report(LEFT, long).findings]


def test_previews_and_the_log_of_a_run(service):
    run_id = teach(service, preview="  the day was ").removeprefix("run:")
    assert [preview.step for preview in service.previews(run_id)] == [0, 1, 2, 3, 4]
    assert service.snapshot().run.preview == "the day was"
    path, end = service.log(run_id)
    assert path.name == "log.txt" and "teaching on" in end
    assert service.previews(teach(service).removeprefix("run:")) == []
