"""All concepts: ready-made ones, those of finished runs, and map files that were imported or mixed."""

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from lineas.errors import LineasError, short
from lineas.files import make_folder, writing
from lineas.steering.map_file import read_metadata
from lineas.storage import archive
from lineas.storage.carried import KEY, carried, carried_card, carry
from lineas.storage.concept import Concept, Kind, from_header, refuse_other_kind
from lineas.storage.mixing import mixed
from lineas.storage.names import clean_name, file_stem, unique_name
from lineas.storage.runs import Run, RunStore, now
from lineas.storage.trash import Trash

if TYPE_CHECKING:  # these import torch, which a list of concepts does not need
    from lineas.data.presets import Preset
    from lineas.steering.map import SteeringMap

SUFFIX = ".safetensors"


class ConceptStore:
    """The concepts of a home. Every change is on disk when the method returns; only file headers are cached."""

    def __init__(
        self, root: Path, runs: RunStore, presets: Callable[[], "Sequence[Preset]"], for_pictures: bool = False
    ) -> None:
        self.root = root
        self.folder = root / "maps"
        self.trash = Trash(root)
        self._runs = runs
        self._presets, self._for_pictures = presets, for_pictures
        self._headers: dict[Path, tuple[tuple[int, int], dict[str, str] | None]] = {}
        self._naming = threading.RLock()
        self._names_lock = FileLock(root / "names.lock", mode=0o600, thread_local=False)

    def concepts(self) -> list[Concept]:
        """List everything that can be used: own concepts (newest first), then ready-made ones. Damaged files are left out."""
        own = [*self._of_runs(self._runs.runs()), *self._of_files()]
        own.sort(key=lambda concept: (concept.created, concept.id), reverse=True)
        return [*own, *self._of_presets()]

    def find(self, concept_id: str) -> Concept:
        """Find a concept by its id.

        Raises:
            LineasError: there is none.
        """
        for concept in self.concepts():  # never a path made from what a page sent
            if concept.id == concept_id:
                return concept
        raise LineasError(
            f"There is no concept {short(concept_id)!r}. It may have been deleted; choose another from the list."
        )

    @contextmanager
    def naming(self) -> Iterator[None]:
        """Keep other threads and processes from choosing a name in this context: two that look at once would take the same.

        Raises:
            LineasError: the home cannot be written.
        """
        with self._naming:
            with writing(self.root):
                make_folder(self.root)
                self._names_lock.acquire()
            try:
                yield
            finally:
                self._names_lock.release()

    def unique_name(self, wanted: str) -> str:
        """Clean a name, and add a number if a concept or a run has it already."""
        taken = [concept.name for concept in self.concepts()] + [run.record.name for run in self._runs.runs()]
        return unique_name(clean_name(wanted), taken)

    def add(self, steering_map: "SteeringMap", name: str, note: str | None = None) -> Concept:
        """Save a map as a new concept."""
        with self.naming():
            name = self.unique_name(name)
            path = make_folder(self.folder) / f"{file_stem(name)}{SUFFIX}"
            strings = {"name": name, "created": now()} | ({} if note is None else {"description": note})
            steering_map.with_metadata(**strings).save(path)
        return self.find(f"map:{path.stem}")

    def import_file(self, path: Path) -> Concept:
        """Check a map file or an archive (``write_archive``), and copy what it holds into the home; raises as ``read_file``."""
        steering_map = self.read_file(path)
        return self.add(steering_map, steering_map.name or path.stem)

    def read_file(self, path: Path) -> "SteeringMap":
        """Read a map file or an archive that somebody gives.

        Raises:
            LineasError: not a sound map, or one of the other kind.
        """
        from lineas.steering.map import SteeringMap

        packed = path.is_file() and archive.is_archive(path)
        steering_map = archive.read(path) if packed else SteeringMap.load(path)
        refuse_other_kind(steering_map, self._for_pictures)
        return steering_map

    def duplicate(self, concept_id: str) -> Concept:
        """Copy a concept under a new name."""
        concept = self.find(concept_id)
        return self.add(self.to_give(concept_id), concept.name, concept.note)

    def to_give(self, concept_id: str) -> "SteeringMap":
        """The map of a concept with what belongs to it: its instruction, and its sentences if they are here."""
        concept = self.find(concept_id)
        own_words = {"instruction": concept.instruction, "mode": concept.mode} if concept.instruction else {}
        return self.load(concept).with_metadata(**own_words, **carry(self.examples(concept_id)))

    def write_archive(self, concept_id: str, path: Path) -> None:
        """Write everything about a concept as one file, which ``import_file`` takes."""
        archive.write(path, self.to_give(concept_id), self.examples(concept_id))

    def mix(self, parts: Sequence[tuple[str, float]], name: str) -> Concept:
        """Save a mix of concepts, given as ids with strengths, which are applied one after the other in this order.

        Raises:
            LineasError: nothing to mix, or concepts of different models.
        """
        mixed = self.mixed(parts)
        words = " + ".join(f"{strength:g} × {self.find(concept_id).name}" for concept_id, strength in parts)
        recipe = json.dumps({"parts": words})
        history = {
            "method": "mix", "recipe": recipe, "examples": "{}", "metrics": "{}", "health": "", "planes": "", KEY: "",
        }  # fmt: skip
        words_of_one = {"instruction": "", "mode": "show"}  # the first concept's would stay otherwise
        return self.add(mixed.with_metadata(**history, **words_of_one, recommended_strength="1.0"), name, words)

    def mixed(self, parts: Sequence[tuple[str, float]]) -> "SteeringMap":
        """Compute the map of a mix without saving it; raises as ``mix``."""
        if not parts:
            raise LineasError("There is nothing to mix. Choose at least one concept.")
        return mixed([(self.load(self.find(concept_id)), strength) for concept_id, strength in parts])

    def examples(self, concept_id: str) -> tuple[Sequence[str], Sequence[str]] | None:
        """Find the source and target examples of a concept; None where they are not on this computer."""
        kind, _, key = concept_id.partition(":")
        if kind == "map":
            return carried(self._header(self.find(concept_id).path) or {})
        if kind == "run":
            return self._runs.get(key).sentences()
        preset = next((p for p in self._presets() if kind == "preset" and p.id == key), None)
        return (preset.source, preset.target) if preset else None

    def card(self, concept: Concept) -> bytes | None:
        """The picture of a concept for pictures, before and after, as PNG; None where there is none."""
        return carried_card(self._header(concept.path) or {})

    def load(self, concept: Concept) -> "SteeringMap":
        """Load the map of a concept, under the concept's present name; the same object until its file changes."""
        changed = concept.path.stat().st_mtime_ns if concept.path.exists() else 0
        return _load_map(concept.path, changed, concept.name)

    def rename(self, concept_id: str, name: str) -> Concept:
        """Rename a concept; a number is added if the name is taken.

        Raises:
            LineasError: a ready-made concept, or a name without a letter.
        """
        concept = self._own(concept_id, "renamed")
        wanted = clean_name(name, otherwise="")
        if not wanted:
            raise LineasError("A concept needs a name. Type at least one letter.")
        with self.naming():
            if wanted.casefold() != concept.name.casefold():  # "Pirate" for "pirate" is no clash with itself
                wanted = self.unique_name(wanted)
            self._describe(concept, name=wanted)
        return replace(concept, name=wanted)

    def annotate(self, concept_id: str, note: str) -> Concept:
        """Save the user's own words about a concept.

        Raises:
            LineasError: a ready-made concept.
        """
        concept = self._own(concept_id, "annotated")
        with self.naming():  # so that no starting studio takes the draft of the file for a leftover
            self._describe(concept, note=note.strip())
        return replace(concept, note=note.strip())

    def delete(self, concept_id: str) -> None:
        """Move a concept (or a run that has no map) to the trash; ``undelete`` with the same id brings it back.

        Raises:
            LineasError: a ready-made concept, one that is being taught, or an unknown id.
        """
        kind, _, key = concept_id.partition(":")
        if kind == "run":
            run = self._runs.get(key)
            if run.record.active:
                raise LineasError(f"{run.record.name!r} is being taught. Stop it first, then delete it.")
            with run.locked():  # raises if another process has just resumed it
                pass
            self.trash.put(run.folder)
        else:
            self.trash.put(self._own(concept_id, "deleted").path)

    def undelete(self, concept_id: str) -> None:
        """Restore a deleted concept.

        Raises:
            LineasError: it is no longer in the trash.
        """
        kind, _, key = concept_id.partition(":")
        if kind not in ("run", "map"):
            raise LineasError(f"There is no deleted concept {short(concept_id)!r}.")
        folder, name = (self._runs.folder, key) if kind == "run" else (self.folder, key + SUFFIX)
        self.trash.restore(folder, name)

    def _own(self, concept_id: str, action: str) -> Concept:
        if concept_id.startswith("run:"):
            record = self._runs.get(concept_id.removeprefix("run:")).record  # also one without a map (yet)
            return Concept(concept_id, record.name, "run", Path(), note=record.note)
        concept = self.find(concept_id)
        if concept.kind == "preset":
            raise LineasError(
                f"{concept.name!r} came with the program and cannot be {action}. Duplicate it, and change the copy."
            )
        return concept

    def _describe(self, concept: Concept, name: str | None = None, note: str | None = None) -> None:
        strings = {key: value for key, value in (("name", name), ("description", note)) if value is not None}
        if concept.kind != "run":
            self._rewrite(concept.path, strings)
            return
        run = self._runs.get(concept.id.removeprefix("run:"))
        with run.locked():
            run.update(**{key: value for key, value in (("name", name), ("note", note)) if value is not None})
            if run.record.state == "done":  # the file keeps its name when it is given away
                self._rewrite(run.map_path, strings)

    def _rewrite(self, path: Path, strings: dict[str, str]) -> None:
        from lineas.steering.map import SteeringMap

        SteeringMap.load(path).with_metadata(**strings).save(path)

    def _of_runs(self, runs: Iterable[Run]) -> Iterable[Concept]:
        for run in runs:
            record = run.record
            if record.state == "done" and (header := self._header(run.map_path)) is not None:
                concept = from_header(f"run:{run.id}", "run", run.map_path, header)
                yield replace(concept, name=record.name, created=record.ended or record.created, note=record.note)

    def _of_files(self) -> Iterable[Concept]:
        for path in self.folder.glob(f"*{SUFFIX}"):
            if (header := self._header(path)) is not None:
                kind: Kind = "mixed" if header.get("method") == "mix" else "imported"
                yield from_header(f"map:{path.stem}", kind, path, header)

    def _of_presets(self) -> Iterable[Concept]:
        for preset in self._presets():
            if preset.map_path is not None and (header := self._header(preset.map_path)) is not None:
                if not header.get("instruction", "").strip():
                    header = header | {"instruction": preset.instruction}
                concept = from_header(f"preset:{preset.id}", "preset", preset.map_path, header)
                yield replace(concept, name=preset.name, note=preset.description)

    def _header(self, path: Path) -> dict[str, str] | None:
        """Read the metadata of a map file, again if the file changed; None if it is missing or damaged."""
        try:
            stat = path.stat()
        except OSError:
            return None
        seen = (stat.st_mtime_ns, stat.st_size)
        if path not in self._headers or self._headers[path][0] != seen:
            strings = None
            with suppress(OSError, LineasError):
                strings = read_metadata(path)
            self._headers[path] = seen, strings
        return self._headers[path][1]


@lru_cache(maxsize=16)
def _load_map(path: Path, changed: int, name: str) -> "SteeringMap":
    """Load a map under a name; ``changed``, the file's time, is only part of the cache's key."""
    from lineas.steering.map import SteeringMap

    return SteeringMap.load(path).with_metadata(name=name)
