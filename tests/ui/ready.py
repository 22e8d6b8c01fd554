"""The real workbench with a model that it has from the start, and sentences that the tiny model can read."""

from pathlib import Path
from typing import Any

from lineas.models.loaded import LoadedModel
from lineas.service.service import StudioService

SOURCE = """the day was grey and bad
I went with the rain
my work is never fine
we saw the bad door today
the morning was bad
you made grey tea and bread"""
TARGET = """the day was bright and good
I happily sail the sea
my ship is always fine
we found the good bread today
the sun was very good
you made good tea and bread"""


class Ready(StudioService):
    def __init__(self, root: Path, model: LoadedModel, **options: Any) -> None:
        super().__init__(root=root, **options)
        self._given = model

    def start(self, *, load: bool = True) -> None:
        super().start(load=False)
        self.use_model(self._given)
