"""The workbench as a page uses it: teach, wait, ask."""

import threading

from tiny import SOURCE, TARGET
from waiting import wait_for

from lineas.generation.generate import Sampling

LEFT, RIGHT = "\n".join(SOURCE), "\n".join(TARGET)
SHORT = Sampling(max_new_tokens=12, temperature=0.7, seed=1)


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
