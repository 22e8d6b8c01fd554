"""A loader in place of ``load_model``: the name of a model says how its load ends."""

import threading
import weakref

from tiny import make_model

from lineas.errors import LineasError


class Panic(BaseException):
    """Like ``pyo3_runtime.PanicException``: no Exception."""


class FakeLoader:
    """Replaces ``load_model``; the model's name says what happens.

    Attributes:
        go_on: set it to let models called "slow" go on.
        evicted: set when a model called "large" has evicted the present one.
        loaded: weak references to the models that were loaded.
        deleted: name of a model that is missing from now on.
    """

    def __init__(self):
        self.go_on, self.evicted = threading.Event(), threading.Event()
        self.loaded, self.deleted = [], "missing"

    def __call__(self, name, *, device, dtype, quantize, progress, present):
        progress("Reading the files", 0.5)
        if name == self.deleted:
            raise LineasError(f"There is no model {name!r}. Check the name.")
        if "large" in name:
            present.evict()
            self.evicted.set()
        while "slow" in name and not self.go_on.wait(0.005):
            progress("Still reading", 0.6)
        if "deaf" in name:  # reports no progress, and so does not notice that it was given up
            self.go_on.wait(30)
        if "damaged" in name:
            raise ValueError("odd")
        if "panic" in name:
            raise Panic("index out of bounds")
        model = make_model("llama", seed=len(self.loaded))
        self.loaded.append(weakref.ref(model))
        return model

    def in_memory(self):
        return sum(reference() is not None for reference in self.loaded)
