"""What a killed process left half done: drafts of files, and runs that were being created. Removed when a studio starts."""

import shutil
import time
from contextlib import suppress

from lineas.errors import LineasError
from lineas.storage.concepts import ConceptStore
from lineas.storage.runs import Run

DRAFTS = ".*.part"
"""Names of what ``lineas.files.atomic_write`` writes before it replaces a file."""
UPLOADS_KEPT = 86_400.0
"""Seconds after which an uploaded file is removed; while it runs, Gradio does the same."""


def sweep(concepts: ConceptStore) -> None:
    """Remove leftovers from a home. What a living process is writing stays: it holds the lock of its run, or that of names."""
    if not (root := concepts.root).is_dir():
        return
    with suppress(LineasError, OSError), concepts.naming():  # a read-only home is left as it is
        for draft in [*(root / "maps").glob(DRAFTS), *root.glob(DRAFTS)]:
            draft.unlink(missing_ok=True)
        for folder in [*(root / "runs").glob("*/")]:
            _sweep_run(Run(folder))
        for upload in [*(root / "uploads").glob("*")]:
            if time.time() - upload.stat().st_mtime > UPLOADS_KEPT:
                shutil.rmtree(upload) if upload.is_dir() else upload.unlink(missing_ok=True)


def _sweep_run(run: Run) -> None:
    drafts, unborn = [*run.folder.glob(DRAFTS)], _is_unborn(run)
    if not (drafts or unborn) or not run.claim():
        return
    for draft in drafts:
        draft.unlink(missing_ok=True)
    run.release()
    if unborn:
        shutil.rmtree(run.folder, ignore_errors=True)


def _is_unborn(run: Run) -> bool:
    """Return whether the process was killed while it created the run: nobody was told yet that it exists."""
    if not (run.folder / "run.json").exists():
        return not run.source_path.exists()
    return not run.record.started and not run.target_path.exists() and run.record.state in ("queued", "interrupted")
