"""The service as a page uses it: teach, wait, ask."""

import threading

from polling import wait_for
from tiny import SOURCE, TARGET

from lineas.generation.sampling import Sampling

SOURCE_TEXT, TARGET_TEXT = "\n".join(SOURCE), "\n".join(TARGET)
SHORT = Sampling(max_new_tokens=12, temperature=0.7, seed=1)


def wait_until_idle(service):
    wait_for(lambda: service.snapshot().run is None or service.snapshot().run.state not in ("queued", "running"))


def teach(service, name="sailor", **settings):
    """Train a concept to its end and return its id."""
    run_id = service.teach(name, SOURCE_TEXT, TARGET_TEXT, **{"steps": 4, **settings})
    wait_until_idle(service)
    assert service.snapshot().run.state == "done", service.snapshot().run.error
    return f"run:{run_id}"


def compare(service, concept_id, strength=1.0, **more):
    return service.answers.compare("the day was", concept_id, strength, SHORT, stop=threading.Event(), **more)


def final_texts(answers):
    return [answer.text for answer in list(answers)[-1]]
