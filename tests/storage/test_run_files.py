"""The text files of a run: on disk at once, and read however they were left."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineas.storage import MetricPoint, RunSpec
from lineas.storage.run_files import MetricsFile, read_metrics, read_sentences, thin, write_sentences

SPEC = RunSpec("pirate", ("one .", "two ."), ("arr one !", "arr two !", "arr three !"), settings={"steps": 5}, seed=3)


def test_metrics_are_on_disk_after_every_step(store):
    run = store.create(SPEC)
    for step in range(1, 4):
        run.add_metric(MetricPoint(step, 1.0 / step, 2.0 / step, 0.1 * step))
        assert len(run.metrics_path.read_text().splitlines()) == step
    assert run.metrics()[-1] == MetricPoint(3, 1 / 3, 2 / 3, 0.3)


def test_a_resumed_run_repeats_no_step(tmp_path):
    path = tmp_path / "metrics.jsonl"
    first = MetricsFile(path)
    for step in range(1, 8):
        first.append(MetricPoint(step, 1.0, 1.0))
    first.close()
    with path.open("a") as file:
        file.write('{"step": 8, "dist')  # the power went off here
    second = MetricsFile(path)
    for step in range(5, 10):
        second.append(MetricPoint(step, 0.5, 0.5))
    second.close()
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["step"] for line in lines] == list(range(1, 10))
    assert [line["distance"] for line in lines] == [1.0] * 4 + [0.5] * 5


def test_damaged_lines_are_left_out(tmp_path):
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(
        b'{"step": 1, "distance": 1, "loss": 1, "elapsed": 0}\n\nnonsense\n[1]\n{"step": "x"}\n\xff\xfe\n'
        b'{"step": 2, "distance": null, "loss": 1, "elapsed": 0}\n{"step": 3, "distance": 2, "loss": 1e400, "elapsed": 0}\n'
        b'{"step": 4, "distance": 0.5, "loss": 1, "elapsed": 0}\n{"step": 5, "dist'
    )
    assert [point.step for point in read_metrics(path)] == [1, 4]
    assert read_metrics(tmp_path / "none") == []


def test_a_loss_that_blew_up_is_still_json(tmp_path):
    file = MetricsFile(tmp_path / "m")
    file.append(MetricPoint(1, float("nan"), float("inf")))
    file.close()
    assert json.loads((tmp_path / "m").read_text()) == {"step": 1, "distance": None, "loss": None, "elapsed": 0.0}


@pytest.mark.parametrize(
    ("count", "most"), [(0, 300), (1, 300), (299, 300), (300, 300), (301, 300), (10_000, 300), (5, 1), (5, 2)]
)
def test_thinning_keeps_the_ends(count, most):
    points = [MetricPoint(step, 1.0, 1.0) for step in range(count)]
    thinned = thin(points, most)
    assert len(thinned) == min(count, most)
    if thinned:
        assert thinned[-1] == points[-1]
        assert most == 1 or thinned[0] == points[0]
        assert thinned == sorted(set(thinned), key=lambda point: point.step)


@given(st.lists(st.text(st.characters(), min_size=1)))
def test_sentences_come_back_as_they_were(tmp_path_factory, sentences):
    path = tmp_path_factory.mktemp("sentences") / "source.txt"
    write_sentences(path, sentences)
    assert read_sentences(path) == sentences
    assert path.read_bytes().count(b"\n") == len(sentences)
