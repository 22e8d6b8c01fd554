"""The time that is left."""

from types import SimpleNamespace

import pytest

from lineas.models import progress


def test_the_time_left_follows_the_pace_of_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """A training slows down to a quarter halfway: at the pace of all steps, it would say the same number for minutes."""
    now = [0.0]
    monkeypatch.setattr(progress, "time", SimpleNamespace(perf_counter=lambda: now[0]))
    left = progress.TimeLeft(40)
    told = []
    for step in range(1, 41):
        now[0] += 1.0 if step <= 20 else 4.0
        told.append(left.after(step))
    assert told[19] == pytest.approx(20)
    assert told[29:] == [pytest.approx(4 * (40 - step)) for step in range(30, 41)]


def test_what_an_earlier_sitting_did_counts_as_done(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(progress, "time", SimpleNamespace(perf_counter=lambda: now[0]))
    left = progress.TimeLeft(10, 6)
    now[0] = 3.0
    assert left.after(7) == pytest.approx(9)
