"""The health check of a trained concept. Its card is kept in the map and in the run's folder."""

import threading
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING

from lineas.errors import LineasError
from lineas.files import atomic_write
from lineas.storage import Run

if TYPE_CHECKING:  # these import torch
    from lineas.evaluation.health import HealthProgress
    from lineas.evaluation.health_card import HealthCard
    from lineas.evaluation.metrics.embeddings import Embed
    from lineas.models.loaded import LoadedModel


def check_health(
    run: Run,
    model: "LoadedModel",
    *,
    stop: threading.Event | None = None,
    on_event: Callable[["HealthProgress | HealthCard"], None] = lambda event: None,
) -> "HealthCard | None":
    """Check the map of a run that is done, and save the first card and then the final one as they come.

    No exception is raised: the concept works without a card, and the log says why there is none.

    Args:
        stop: set it to end the check soon.

    Returns:
        The last card that was made, if any.
    """
    from lineas.evaluation.health import health_check
    from lineas.evaluation.health_card import HealthCard
    from lineas.steering.map import SteeringMap

    stop = stop or threading.Event()
    card = None
    try:
        source, target = run.sentences()
        judge = _JudgeLoader(stop)
        events = health_check(model, SteeringMap.load(run.map_path), source, target, load_judge=judge.load, stop=stop)
        try:
            while not stop.is_set():
                with model.lock:
                    event = next(events)
                if stop.is_set():  # this event may describe an answer that was cut off
                    break
                if isinstance(event, HealthCard):
                    card = event
                    _save(run, card)
                on_event(event)
                if isinstance(event, HealthCard) and not event.final:
                    judge.download()
        except StopIteration:
            pass
        finally:
            with model.lock:  # closing removes hooks, which must not happen while another thread is inside the network
                events.close()
    except Exception as error:
        run.log(f"no health card: {error if isinstance(error, LineasError) else traceback.format_exc()}")
    else:
        if card is not None:
            run.log(f"health card{'' if card.final else ' (first look)'}: {card.title}. {card.reason}")
    return card


class _JudgeLoader:
    """Loads the judge's embeddings. The download may take minutes, or wait for a network, so it runs without the model's lock."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._failure: LineasError | None = None

    def download(self) -> None:
        """Fetch the embeddings; a failure is raised later, by ``load``."""
        from lineas.evaluation.metrics.embeddings import load_minilm

        try:
            load_minilm(self._raise_if_stopped)
        except LineasError as error:
            self._failure = error

    def load(self) -> "Embed":
        """Return the embeddings.

        Raises:
            LineasError: they could not be downloaded.
        """
        from lineas.evaluation.metrics.embeddings import load_minilm

        if self._failure is not None:
            raise self._failure
        return load_minilm()

    def _raise_if_stopped(self, sentence: str, fraction: float | None = None) -> None:
        if self._stop.is_set():
            raise LineasError("The health check was stopped.")


def _save(run: Run, card: "HealthCard") -> None:
    from lineas.steering.map import SteeringMap

    with run.locked():
        atomic_write(run.health_path, card.to_json())
        # name and note come from the record, because they may have been changed since the map was loaded
        SteeringMap.load(run.map_path).with_metadata(
            name=run.record.name,
            description=run.record.note,
            health=card.to_json(),
            recommended_strength=f"{card.recommended_strength:g}",
        ).save(run.map_path)
