"""Exports of concepts from the studio: one at a time, beside the model that answers."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from lineas.errors import LineasError
from lineas.files import make_folder
from lineas.storage.concepts import ConceptStore
from lineas.storage.names import file_stem

if TYPE_CHECKING:  # these import torch, and the page must be up before that
    from lineas.export.exporting import Exported, Format
    from lineas.service.model_slot import ModelSlot


class Exports:
    """Writes concepts for other programs, in folders of the home.

    Args:
        model_slot: the model in memory tells which one a concept is folded into; its weights are read again from the disk.
    """

    def __init__(self, model_slot: ModelSlot, concepts: ConceptStore) -> None:
        self._slot, self._concepts = model_slot, concepts
        self._busy = threading.Lock()

    def export(self, concept_id: str, format: Format, strength: float, *, with_instruction: bool = False) -> Exported:
        """Write a concept into a new folder of the home's ``exports``; see ``lineas.export.exporting``.

        Raises:
            LineasError: as there; no model, an instruction is wanted that the concept lacks, or another export is running.
        """
        concept = self._concepts.find(concept_id)
        if with_instruction and not concept.instruction:
            raise LineasError(f"{concept.name!r} has no instruction. Export it without one.")
        model = self._slot.origin()
        if not self._busy.acquire(blocking=False):
            raise LineasError("Another concept is being exported. Wait until that is done, then try again.")
        try:
            from lineas.export.exporting import export

            folder = make_folder(self._concepts.folder.parent / "exports") / f"{file_stem(concept.name)}-{format}"
            return export(
                self._concepts.load(concept),
                folder,
                format=format,
                strength=strength,
                model=model,
                instruction=concept.instruction if with_instruction else "",
                examples=self._concepts.examples(concept_id) or ((), ()),
            )
        finally:
            self._busy.release()


def zipped(folder: Path, path: Path) -> Path:
    """Put an export's files into a zip file, uncompressed: weights do not get smaller."""
    import zipfile

    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, f"{folder.name}/{file.name}")
    return path
