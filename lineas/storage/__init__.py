"""Runs and concepts on disk."""

from lineas.storage.concepts import Concept, ConceptStore
from lineas.storage.records import RunRecord, RunSpec
from lineas.storage.run_files import MetricPoint, Preview
from lineas.storage.runs import Run, RunStore

__all__ = ["Concept", "ConceptStore", "MetricPoint", "Preview", "Run", "RunRecord", "RunSpec", "RunStore"]
