"""Progress made from the events of some work."""

import pytest

from lineas.training.events import Reading, Step, with_progress


def test_progress_never_falls_and_the_result_is_passed_on() -> None:
    def work():
        yield Reading(1, 2)
        yield Step(1, 4, 0.0, 0.0, 0.0, 0.0)
        yield "something else"
        yield Step(3, 4, 0.0, 0.0, 0.0, 0.0)
        return "found"

    progress = with_progress(work(), lambda done: f"{done:.0%}")
    assert [next(progress) for _ in range(4)] == ["50%", "50%", "50%", "75%"]
    with pytest.raises(StopIteration) as end:
        next(progress)
    assert end.value.value == "found"
