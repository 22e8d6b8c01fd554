"""The workbench as a page uses it: teach, wait, ask."""

import threading

from tiny import SOURCE, TARGET
from waiting import wait_for

from lineas.generation.sampling import Sampling

LEFT, RIGHT = "\n".join(SOURCE), "\n".join(TARGET)
SHORT = Sampling(max_new_tokens=12, temperature=0.7, seed=1)


def wait_until_idle(service):
    wait_for(lambda: service.snapshot().run is None or service.snapshot().run.state not in ("queued", "running"))


def teach(service, name="sailor", **settings):
    run_id = service.teach(name, LEFT, RIGHT, **{"steps": 4, **settings})
    wait_until_idle(service)
    assert service.snapshot().run.state == "done", service.snapshot().run.error
    return f"run:{run_id}"


def last(comparison):
    return [answer.text for answer in list(comparison)[-1]]


def compare(service, concept_id, strength=1.0, **more):
    return service.answers.compare("the day was", concept_id, strength, SHORT, stop=threading.Event(), **more)
