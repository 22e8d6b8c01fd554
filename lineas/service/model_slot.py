"""The one model in memory: loaded in the background, and replaced only by a model that is ready."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lineas.errors import DEVICE_LOST, LineasError, describe
from lineas.models.builtin import default_model_folder
from lineas.models.local import LocalModels
from lineas.models.memory import Evictable, give_memory_back
from lineas.models.suggested import suggest
from lineas.service.model_state import AS_STARTED, Asked, called, fetch_judge, ready_state
from lineas.service.page_advice import for_pages
from lineas.service.snapshot import ModelState

if TYPE_CHECKING:  # these import torch, and the page must be up before that
    import torch

    from lineas.data.checks import Tokenizer
    from lineas.models.hardware import Room
    from lineas.models.loaded import LoadedModel

log = logging.getLogger(__name__)


class _Superseded(BaseException):
    """Raised inside a load that was given up. It is no Exception, so that no handler on its way takes it for a failure."""


class ModelSlot:
    """Holds the model, or the reason why there is none.

    While another model is loaded, the present one keeps answering. It leaves when the new one is ready; or, if the two do not fit
    into memory together, when everything else about the new one was checked. If the load fails after that, or is stopped, the
    evicted model is loaded again.

    Args:
        device, dtype, quantize: as ``load_model`` takes them.
        changed: called, from any thread, whenever ``state`` changes.
        local_models: the models on this computer.
    """

    def __init__(
        self,
        device: Any,
        dtype: Any,
        changed: Callable[[], None],
        local_models: LocalModels,
        quantize: str | None = None,
    ) -> None:
        self._device, self._dtype, self.quantize = device, dtype, quantize
        self._changed = changed
        self.local_models = local_models
        self._guard = threading.Lock()
        self._model: LoadedModel | None = None
        self._model_state = ModelState()  # describes _model
        self._reload: Asked | None = None  # None for an adopted model
        self._evicted: Asked | None = None  # a model that left for one that is not ready yet
        self._loader: threading.Thread | None = None  # the load in progress
        self._last: threading.Thread | None = None  # the newest load, also after it was given up
        self.state = ModelState()

    def load(
        self,
        name: str,
        wait_until_unused: Callable[[], None] = lambda: None,
        *,
        quantize: str | None = AS_STARTED,
        when_ready: Callable[[], None] = lambda: None,
    ) -> None:
        """Start to load a model. A load in progress is given up.

        Args:
            wait_until_unused: called after the present model left the slot; returns when nobody works with it any more.
            quantize: as ``load_model`` takes it, or ``AS_STARTED``.
            when_ready: called by the loading thread once this model has the slot.
        """
        asked = Asked(name, self.quantize if quantize == AS_STARTED else quantize)
        with self._guard:
            if self.state.phase == "broken":
                raise LineasError(self.state.sentence)
            arguments = asked, self._last, wait_until_unused, when_ready
            loader = threading.Thread(target=self._load, args=arguments, name="lineas-load", daemon=True)
            self._loader = self._last = loader
            self.state = ModelState(name, "loading", f"Loading {called(name)} …")
            loader.start()
        self._changed()

    def stop_loading(self) -> bool:
        """Give up the load in progress, and go back to the model before it. Returns False if nothing is being loaded."""
        with self._guard:
            if self._loader is None:
                return False
            self._loader = None
            self.state = self._model_state if self._model is not None else ModelState()
            evicted, self._evicted = self._evicted, None
        self._changed()
        if evicted:
            self.load(evicted.name, quantize=evicted.quantize)
        return True

    def forget_problem(self) -> None:
        """Stop saying why another model was not loaded."""
        with self._guard:
            self.state = replace(self.state, problem="")

    def free(self) -> None:
        """Remove the model from memory, and give up a load in progress."""
        with self._guard:
            had_model = self._model is not None
            self._set(None, None, self.state if self.state.phase == "broken" else ModelState())
        if had_model:  # otherwise PyTorch may be half imported
            give_memory_back()
        self._changed()

    def lose(self) -> None:
        """Mark the device as lost: nothing can be loaded in this process any more."""
        with self._guard:
            self._set(None, None, ModelState(self.state.name, "broken", DEVICE_LOST))
        self._changed()

    def adopt(self, model: "LoadedModel") -> None:
        """Take a model that is loaded already."""
        with self._guard:
            self._set(model, None, ready_state(model.id, model))
        self._changed()

    @property
    def tokenizer(self) -> "Tokenizer | None":
        """The model's tokenizer, for one use at a time; None if there is no model."""
        model = self._model
        if model is None:
            return None

        def tokenize(text: Any, /, *, verbose: bool) -> Mapping[str, Any]:
            with model.tokenizing:
                return dict(model.tokenizer(text, verbose=verbose))

        return tokenize

    def ready(self, *, to_train: bool = False) -> "LoadedModel":
        """Return the model.

        Args:
            to_train: also refuse a model that is about to be replaced.

        Raises:
            LineasError: there is no model (yet).
        """
        with self._guard:
            state, model = self.state, self._model
        if model is not None and not (to_train and state.phase == "loading"):
            return model
        if state.phase == "loading":
            name = called(state.name)
            raise LineasError(f"{name[0].upper()}{name[1:]} is still being loaded. Try again in a moment.")
        if state.phase == "broken":
            raise LineasError(state.sentence)
        if state.phase == "error":
            raise LineasError(f"There is no model to work with. {state.sentence}")
        raise LineasError("No model is loaded. Load one on the Model page first.")

    def ready_to_train(self, sites: str) -> "LoadedModel":
        """Return the model, as ``ready`` does.

        Args:
            sites: where it shall be steered; "default" is the recipe's choice.

        Raises:
            LineasError: as ``ready``, or the model has no such sites.
        """
        model = self.ready(to_train=True)
        if sites != "default":
            from lineas.models.sites import find_sites

            find_sites(model.network, sites)
        return model

    def origin(self) -> "str | LoadedModel":
        """What the model can be read from again: its name, or itself if it was adopted; raises as ``ready``."""
        model = self.ready()
        return self._reload.name if self._reload else model

    def room(self, quantize: str | None = AS_STARTED, without: "LoadedModel | None" = None) -> "Room":
        """The device for a model, and the memory that is free there ``without`` one: by default the present model."""
        from lineas.models.hardware import room

        leaving = without or self._model
        freed = sum(weight.nbytes for weight in leaving.network.parameters()) if leaving else 0
        return room(self._device, self._dtype, freed, self.quantize if quantize == AS_STARTED else quantize)

    def _load(
        self,
        asked: Asked,
        before: threading.Thread | None,
        wait_until_unused: Callable[[], None],
        when_ready: Callable[[], None],
    ) -> None:
        """Body of the loading thread."""
        name = asked.name
        try:
            if before is not None:
                before.join()  # two loads at once may not fit into memory
            model, state = self._read(asked, wait_until_unused)
            loaded, got = model is not None, asked
            problem = "" if model else f"Could not load {called(name)}{self._memory(asked, state)}. {state.sentence}"
            if model is None and self._model is None and (evicted := self._evicted) not in (None, asked):
                model, reloaded = self._read(evicted, wait_until_unused)
                got, state = (evicted, replace(reloaded, problem=problem)) if model else (asked, state)
            with self._guard:
                self._raise_if_superseded(threading.current_thread())
                replaced = model is not None and self._model is not None
                if model is None and self._model is not None:
                    self._set(self._model, self._reload, replace(self._model_state, problem=problem))
                else:
                    self._set(model, got, state)
            model = None  # it may be removed in turn while this thread waits
            self._changed()
            if replaced:
                wait_until_unused()
            if loaded:
                when_ready()
        except _Superseded:
            model = None
        give_memory_back()

    def _read(self, asked: Asked, wait_until_unused: Callable[[], None]) -> "tuple[LoadedModel | None, ModelState]":
        """Load a model. Returns it, or None, with the state to show."""
        loader, (name, quantize) = threading.current_thread(), asked

        def progress(sentence: str, fraction: float | None = None) -> None:
            with self._guard:
                self._raise_if_superseded(loader)
                self.state = ModelState(name, "loading", sentence, fraction)
            self._changed()

        def evict() -> None:
            with self._guard:
                self._raise_if_superseded(loader)
                if self._model is not None:
                    self._model, self._evicted = None, self._reload
            wait_until_unused()
            give_memory_back()

        try:
            from lineas.models.load import load_model

            progress(f"Loading {called(name)} …")
            first_use = name == "default" and not default_model_folder().is_dir()
            present = Evictable(self._size_on, evict)
            model = load_model(
                name,
                device=self._device,
                dtype=self._dtype,
                quantize=quantize,
                progress=progress,
                present=present,
            )
            if first_use and default_model_folder().is_dir():
                threading.Thread(target=fetch_judge, name="lineas-fetch", daemon=True).start()
            better = suggest(self.room(without=model), self.local_models) if name == "default" else None
            return model, replace(ready_state(name, model, quantize), better=better)
        except (_Superseded, KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # a panic in Rust is no Exception
            if not isinstance(error, LineasError):
                log.error("The model %r could not be loaded.", name, exc_info=error)
            return None, ModelState(name, "error", for_pages(describe(error)))

    def _set(self, model: "LoadedModel | None", reload: Asked | None, state: ModelState) -> None:
        """Replace model and state, and end every load. The caller holds the guard."""
        self._model, self._reload, self._evicted, self._loader = model, reload, None, None
        self.state, self._model_state = state, replace(state, problem="")

    def _raise_if_superseded(self, loader: threading.Thread) -> None:
        if self._loader is not loader:
            raise _Superseded

    def _size_on(self, device: "torch.device") -> int:
        """Bytes that the present model's weights take on a device, as far as evicting it would free them."""
        if (model := self._model) is None or self._reload is None:  # whoever made an adopted model still holds it
            return 0
        place = device.type, device.index or 0
        weights = model.network.parameters()
        return sum(weight.nbytes for weight in weights if (weight.device.type, weight.device.index or 0) == place)

    def _memory(self, asked: Asked, failed: ModelState) -> str:
        """The memory that a model needs, in brackets; empty if it is unknown, or if the failure names it."""
        try:
            found = self.local_models.look_at(asked.name)
            if not found.parameters or "GB of memory" in failed.sentence:
                return ""
            needed = self.room(asked.quantize).needed(found.parameters, packed=found.kind == "gguf")
            return f" (about {needed / 1024**3:.1f} GB)"
        except Exception:  # the sentence is complete without it
            return ""
