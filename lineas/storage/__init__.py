"""Runs and concepts on disk: the part of the program that remembers."""

from lineas.storage.concepts import Concept, ConceptStore
from lineas.storage.metrics import MetricPoint
from lineas.storage.previews import Preview
from lineas.storage.records import RunRecord, RunSpec
from lineas.storage.runs import Run, RunStore

__all__ = ["Concept", "ConceptStore", "MetricPoint", "Preview", "Run", "RunRecord", "RunSpec", "RunStore"]
