"""The larger model that the studio offers beside the built-in one: loaded by one click, and the ready-made concepts made for it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lineas.errors import LineasError
from lineas.service import ready_made

if TYPE_CHECKING:
    from lineas.data.presets import Preset
    from lineas.models.suggested import Suggested
    from lineas.service.service import StudioService

log = logging.getLogger(__name__)


def load(service: StudioService, presets: Sequence[Preset], offered: Suggested) -> None:
    """Start to download and load the model that was offered. Once it is ready, the ready-made concepts are queued for it.

    Raises:
        LineasError: a training or an answer is using the present model.
    """

    def make_concepts() -> None:
        try:
            ready_made.make(service, presets)
        except LineasError as error:  # My concepts still offers to make them
            log.warning("The ready-made concepts were not made for %s: %s", offered.name, error)

    service.load_model(offered.name, when_ready=make_concepts)
