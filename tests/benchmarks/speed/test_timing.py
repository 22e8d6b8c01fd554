"""Ratios of timings are taken within each round."""

from benchmarks.speed.timing import Timings, alternate


def test_a_slow_round_does_not_change_the_ratio() -> None:
    timings = Timings({"a": [1.0, 2.0, 10.0], "b": [2.0, 4.0, 20.0]})
    assert timings.median("a") == 2.0
    assert timings.ratio("a", "b") == "0.50 (0.50 to 0.50)"
    assert timings.ratio("a", "b", scale=0.1) == "0.05 (0.05 to 0.05)"
    assert Timings({"a": [1.0], "b": [4.0]}).ratio("a", "b") == "0.25 (0.25 to 0.25)"


def test_candidates_take_turns_and_the_warm_up_does_not_count() -> None:
    calls: list[str] = []
    timings = alternate({name: lambda name=name: calls.append(name) for name in "ab"}, rounds=2)  # type: ignore[misc]
    assert "".join(calls) == "ababab"
    assert {name: len(seconds) for name, seconds in timings.seconds.items()} == {"a": 2, "b": 2}
