"""Runs and concepts on disk: the part of the program that remembers."""

from lineas.store.library import Concept, Library
from lineas.store.metrics import MetricPoint
from lineas.store.previews import Preview
from lineas.store.records import RunRecord, RunSpec
from lineas.store.runs import Run, RunStore

__all__ = ["Concept", "Library", "MetricPoint", "Preview", "Run", "RunRecord", "RunSpec", "RunStore"]
