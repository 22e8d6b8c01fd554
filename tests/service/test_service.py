"""Teaching through the service: results, refusals, waiting, and what a page sees."""

import pytest
import torch
from polling import wait_for
from service_actions import SOURCE_TEXT, TARGET_TEXT, teach, wait_until_idle
from tiny import SOURCE, TARGET

import lineas.service.queue
from lineas.errors import LineasError
from lineas.service.service import StudioService
from lineas.training.recipes import recipe_named
from lineas.training.trainer import fit


def test_a_taught_concept_is_shown_and_listed(service, tiny_model):
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


def test_the_library_trains_the_same_map(service, tiny_model):
    taught = service.steering_map(teach(service, seed=3))
    fitted = fit(tiny_model, SOURCE, TARGET, recipe_named("quick", steps=4), seed=3)
    for site in fitted.sites:
        assert torch.equal(taught.scale[site], fitted.scale[site])
        assert torch.equal(taught.shift[site], fitted.shift[site])


def test_names_are_made_unique(service):
    for _ in range(3):
        service.teach("sailor", SOURCE_TEXT, TARGET_TEXT, steps=1)
    service.teach("", SOURCE_TEXT, TARGET_TEXT, steps=1)
    assert sorted(record.name for record in service.runs()) == ["concept", "sailor", "sailor 2", "sailor 3"]
    wait_until_idle(service)


@pytest.mark.parametrize(
    ("arguments", "settings", "words"),
    [
        (("", ""), {}, "How it talks now"),
        ((SOURCE_TEXT, ""), {}, "How you want it to talk"),
        (("a\nb\nc", "d\ne\nf"), {}, "4"),
        ((SOURCE_TEXT, TARGET_TEXT), {"recipe": "magic"}, "magic"),
        ((SOURCE_TEXT, TARGET_TEXT), {"steps": 0}, "0 steps"),
        ((SOURCE_TEXT, TARGET_TEXT), {"sparsity": -1.0}, "negative"),
        ((SOURCE_TEXT, TARGET_TEXT), {"support": 400.0}, "percentage"),
        (("x" * 10_000_000, TARGET_TEXT), {}, "characters"),
    ],
)
def test_bad_input_is_refused_and_leaves_nothing(service, arguments, settings, words):
    with pytest.raises(LineasError, match=words):
        service.teach("sailor", *arguments, **settings)
    assert service.runs() == []
    assert service.snapshot().run is None


def test_sites_that_cannot_be_are_refused_before_a_run_exists(service):
    for sites, words in (("nothing_like_this", "nothing_like_this"), ("(", "not a pattern")):
        with pytest.raises(LineasError, match=words):
            service.teach("sailor", SOURCE_TEXT, TARGET_TEXT, steps=2, sites=sites)
    assert service.runs() == []
    service.teach(
        "sailor", SOURCE_TEXT, TARGET_TEXT, steps=2, sites=".*"
    )  # all that can be steered, but not the output head
    wait_until_idle(service)
    assert service.snapshot().run.state == "done"


def test_examples_are_counted_and_checked(service):
    report = service.examples_report("- one day\n- one day\n\n- two days\n", TARGET_TEXT)
    assert (report.source_count, report.source_repeats) == (2, 1)
    assert (report.target_count, report.target_repeats) == (len(TARGET), 0)
    assert any(finding.severity == "error" for finding in report.findings)


def test_a_run_can_be_cancelled_twice_and_resumed(service, slow_steps):
    run_id = service.teach("sailor", SOURCE_TEXT, TARGET_TEXT, steps=12)
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
    first = service.teach("sailor", SOURCE_TEXT, TARGET_TEXT, steps=4)
    second = service.teach("poet", SOURCE_TEXT, TARGET_TEXT, steps=2)
    snapshot = service.snapshot()
    assert snapshot.run.id == first
    assert snapshot.queue_length >= 1
    wait_for(lambda: service.snapshot().run.id == second)
    wait_until_idle(service)
    assert [record.state for record in service.runs()] == ["done", "done"]


def test_sentences_that_will_be_truncated_are_reported_if_there_is_a_model(service, tmp_path):
    long = "\n".join([TARGET_TEXT, "the day was " * 90])
    assert "truncated" in [finding.code for finding in service.examples_report(SOURCE_TEXT, long).findings]
    without = StudioService(root=tmp_path / "other")
    assert "truncated" not in [finding.code for finding in without.examples_report(SOURCE_TEXT, long).findings]


def test_previews_and_the_log_of_a_run_can_be_read(service):
    run_id = teach(service, preview="  the day was ").removeprefix("run:")
    assert [preview.step for preview in service.previews(run_id)] == [0, 1, 2, 3, 4]
    assert service.snapshot().run.preview == "the day was"
    path, end = service.log(run_id)
    assert path.name == "log.txt" and "teaching on" in end
    assert service.previews(teach(service).removeprefix("run:")) == []


def test_a_run_deleted_as_it_ends_is_not_shown(service, monkeypatch):
    """Else pages would ask for the steps of a run that is gone, and get no news any more."""
    real = lineas.service.queue.run_training

    def train_and_delete(run, *args, **kwargs):
        real(run, *args, **kwargs)
        service.delete(f"run:{run.id}")

    monkeypatch.setattr(lineas.service.queue, "run_training", train_and_delete)
    service.teach("sailor", SOURCE_TEXT, TARGET_TEXT, steps=1)
    wait_for(lambda: service.snapshot().run is None)
    assert service.runs() == []
