"""What the benchmark of memory reads."""

import multiprocessing

from benchmarks.speed.memory import peak


def test_a_process_tells_its_own_peak_and_not_that_of_the_one_that_started_it() -> None:
    much = bytearray(b"x") * 1_500_000_000  # as a benchmark before this one may have had
    assert peak() > 1400
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        own = pool.apply(peak)
    assert 50 < own < 1400 < len(much) / 2**20
