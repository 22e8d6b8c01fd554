"""Runs and concepts on disk."""

from lineas.storage.concept import MODES, Concept
from lineas.storage.concepts import ConceptStore
from lineas.storage.records import RunRecord, RunSpec
from lineas.storage.run_files import MetricPoint, Preview
from lineas.storage.runs import Run, RunStore
from lineas.storage.sweep import sweep

__all__ = [
    "MODES",
    "Concept",
    "ConceptStore",
    "MetricPoint",
    "Preview",
    "Run",
    "RunRecord",
    "RunSpec",
    "RunStore",
    "sweep",
]
