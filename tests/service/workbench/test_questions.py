"""Answers at many strengths and with a mix, and what they are worth, from the workbench as a page asks it."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from polling import SHORT, last, teach
from tiny import make_model

from lineas.errors import LineasError
from lineas.models.loaded import LoadedModel
from lineas.service.service import StudioService


@pytest.fixture
def service(lineas_home: Path, tiny_model: LoadedModel) -> Iterator[StudioService]:
    """In a home without the judge's model."""
    service = StudioService(root=lineas_home, examine=False)
    service.start(load=False)
    service.use_model(tiny_model)
    yield service
    service.close()


def test_answers_at_every_strength_and_what_they_are_worth(service: StudioService) -> None:
    sailor, stop = teach(service), threading.Event()
    prompts, strengths = ["the day was", "I walk with"], [0.0, 0.5, 1.0]
    *_, answers = service.answers.at_strengths(prompts, sailor, strengths, SHORT, stop=stop)
    assert len(answers) == 6
    assert last(service.answers.compare(prompts[1], None, 0.0, SHORT, stop=threading.Event())) == [answers[3].text]
    texts = [[answer.text for answer in answers[i :: len(strengths)]] for i in range(len(strengths))]
    # the answers have ended, and nobody said stop: the same event goes on to the measuring
    report = service.answers.strength_report(sailor, strengths, texts, stop=stop)
    assert report is not None and not report.judged
    assert [point.strength for point in report.points] == strengths
    assert report.points[0].effect == 0 and all(0 <= point.fluency <= 1 for point in report.points)
    assert not service.snapshot().comparing


def test_measuring_stops_when_told(service: StudioService) -> None:
    sailor, stop = teach(service), threading.Event()
    stop.set()
    assert service.answers.strength_report(sailor, [0.0, 1.0], [["a day"], ["a sea"]], stop=stop) is None


def test_a_mix_is_answered_as_it_is_kept(service: StudioService) -> None:
    parts = [(teach(service, "one", seed=1), 0.5), (teach(service, "two", seed=2), 1.5)]
    tried = last(service.answers.compare_mix("the day was", parts, SHORT, stop=threading.Event()))
    kept = service.mix(parts, "both")
    assert last(service.answers.compare("the day was", kept.id, 1.0, SHORT, stop=threading.Event())) == tried
    pairs, push = service.overlaps(parts)
    assert list(pairs) == [(0, 1)] and -1 <= pairs[0, 1].whole <= 1 and push > 0


def test_concepts_of_different_models_do_not_mix(service: StudioService) -> None:
    one = teach(service, "one")
    service.use_model(make_model("gpt2"))
    parts = [(one, 1.0), (teach(service, "two"), 1.0)]
    for ask in (service.overlaps, lambda parts: service.mix(parts, "both")):
        with pytest.raises(LineasError, match="cannot be mixed"):
            ask(parts)
