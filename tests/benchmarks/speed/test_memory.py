"""Peak memory is that of one process."""

import multiprocessing

from benchmarks.speed.memory import peak


def test_the_peak_of_a_process_excludes_that_of_its_parent() -> None:
    much = bytearray(b"x") * 1_500_000_000
    assert peak() > 1400
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        own = pool.apply(peak)
    assert 50 < own < 1400 < len(much) / 2**20
