"""After the teaching: the new concept is examined, and its health card kept in its map and its run folder."""

import threading
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING

from lineas.errors import LineasError
from lineas.files import atomic_write
from lineas.storage import Run

if TYPE_CHECKING:  # torch comes with them
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
    """Examines the map of a run that is done. The first look and then the final card are written as they come.

    Nothing that goes wrong here leaves it: the concept works without a card, and the log says why there is none.

    Args:
        stop: ends it soon when set.

    Returns:
        The last card that was made.
    """
    from lineas.evaluation.health import health_check
    from lineas.evaluation.health_card import HealthCard
    from lineas.steering.map import SteeringMap

    stop = stop or threading.Event()
    card = None
    try:
        source, target = run.sentences()
        judge = _Judge(stop)
        steering = SteeringMap.load(run.map_path)
        work = health_check(model, steering, source, target, load_judge=judge.load, stop=stop)
        try:
            while not stop.is_set():
                with model.lock:
                    event = next(work)
                if stop.is_set():  # what it has just found may be about text that was cut off
                    break
                if isinstance(event, HealthCard):
                    card = event
                    _keep(run, card)
                on_event(event)
                if isinstance(event, HealthCard) and not event.final:
                    judge.fetch()
        except StopIteration:
            pass
        finally:
            with model.lock:  # its hooks must not vanish while another thread is inside the network
                work.close()
    except Exception as error:
        run.log(f"no health card: {error if isinstance(error, LineasError) else traceback.format_exc()}")
    else:
        if card is not None:
            run.log(f"health card{'' if card.final else ' (first look)'}: {card.title}. {card.reason}")
    return card


class _Judge:
    """The judge's embeddings, fetched while nobody has the model: it may take minutes, or wait for a network that is not there."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._missing: LineasError | None = None

    def fetch(self) -> None:
        from lineas.evaluation.metrics.embeddings import load_minilm

        try:
            load_minilm(self._go_on)
        except LineasError as error:
            self._missing = error

    def load(self) -> "Embed":
        from lineas.evaluation.metrics.embeddings import load_minilm

        if self._missing is not None:
            raise self._missing
        return load_minilm()

    def _go_on(self, sentence: str, fraction: float | None = None) -> None:
        if self._stop.is_set():
            raise LineasError("The examination was ended.")


def _keep(run: Run, card: "HealthCard") -> None:
    from lineas.steering.map import SteeringMap

    with run.locked():
        atomic_write(run.health_path, card.to_json())
        # name and note are the record's: they may have been changed since the map was loaded
        SteeringMap.load(run.map_path).with_metadata(
            name=run.record.name,
            description=run.record.note,
            health=card.to_json(),
            recommended_strength=f"{card.recommended_strength:g}",
        ).save(run.map_path)
