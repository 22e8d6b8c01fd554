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
    from lineas.models.loaded import LoadedModel


def check_health(
    run: Run,
    model: "LoadedModel",
    *,
    stop: threading.Event | None = None,
    on_event: Callable[["HealthProgress | HealthCard"], None] = lambda event: None,
) -> "HealthCard | None":
    """Check the map of a run that is done, and save the card.

    No exception is raised: the concept works without a card, and the log says why there is none.

    Args:
        stop: set it to end the check soon.

    Returns:
        The card, if any.
    """
    from lineas.evaluation.health import health_check
    from lineas.evaluation.health_card import HealthCard
    from lineas.evaluation.metrics.embeddings import load_fetched_minilm
    from lineas.steering.map import SteeringMap

    stop = stop or threading.Event()
    card = None
    try:
        source, target = run.sentences()
        steering_map = SteeringMap.load(run.map_path)
        events = health_check(model, steering_map, source, target, load_judge=load_fetched_minilm, stop=stop)
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
        except StopIteration:
            pass
        finally:
            with model.lock:  # closing removes hooks, which must not happen while another thread is inside the network
                events.close()
    except Exception as error:
        run.log(f"no health card: {error if isinstance(error, LineasError) else traceback.format_exc()}")
    else:
        if card is not None:
            run.log(f"health card: {card.title}. {card.reason}")
    return card


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
