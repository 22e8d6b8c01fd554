"""The one model in memory: loaded in the background, lent to whoever needs it, replaced only when nobody does."""

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from lineas.errors import DEVICE_LOST, LineasError, describe
from lineas.models.local import LocalModels
from lineas.models.memory import give_memory_back
from lineas.service.snapshot import ModelFacts, ModelState

if TYPE_CHECKING:
    from lineas.data.checks import Tokenizer
    from lineas.models.hardware import Room
    from lineas.models.loaded import LoadedModel


class _Superseded(BaseException):
    """Thrown out of a load that nobody waits for any more; no ``except Exception`` on its way may take it for a failure."""


class ModelSlot:
    """Holds a model or the reason why there is none.

    Args:
        device, dtype: as ``load_model`` takes them.
        changed: called, from any thread, whenever ``state`` is another.
        shelf: the models on this computer.
    """

    def __init__(self, device: Any, dtype: Any, changed: Callable[[], None], shelf: LocalModels) -> None:
        self._device, self._dtype = device, dtype
        self._changed = changed
        self.shelf = shelf
        self._guard = threading.Lock()
        self._model: LoadedModel | None = None
        self._loader: threading.Thread | None = None
        self._last: threading.Thread | None = None  # also one that was given up and has not noticed yet
        self.state = ModelState()

    def load(self, name: str, let_go: Callable[[], None] = lambda: None) -> None:
        """Begins to load another model; the old one leaves memory first. A load still under way is given up.

        Args:
            let_go: returns when nobody works with the old model any more.
        """
        with self._guard:
            if self.state.phase == "broken":
                raise LineasError(self.state.sentence)
            there, self._model = self._model is not None, None

            def make_room() -> None:
                let_go()
                if there:
                    give_memory_back()

            arguments = name, self._last, make_room
            loader = threading.Thread(target=self._load, args=arguments, name="lineas-load", daemon=True)
            self._loader = self._last = loader
            self.state = ModelState(name, "loading", f"Loading {name!r} …")
            loader.start()
        self._changed()

    def free(self) -> None:
        """Lets the model go; a load still under way is given up."""
        with self._guard:
            there = self._model is not None
            self._model = self._loader = None
            if self.state.phase != "broken":
                self.state = ModelState()
        if there:  # else PyTorch may be half imported
            give_memory_back()
        self._changed()

    def lose(self) -> None:
        """The device is out of reach for good: nothing can be loaded in this process any more."""
        with self._guard:
            self._model = self._loader = None
            self.state = ModelState(self.state.name, "broken", DEVICE_LOST)
        self._changed()

    def adopt(self, model: "LoadedModel") -> None:
        """Takes a model that is loaded already."""
        with self._guard:
            self._model, self._loader = model, None
            self.state = _ready(model.id, model)
        self._changed()

    @property
    def tokenizer(self) -> "Tokenizer | None":
        """The tokenizer of the model that is there, for one use at a time; None where there is no model."""
        model = self._model
        if model is None:
            return None

        def tokenize(text: Any, /, *, verbose: bool) -> Mapping[str, Any]:
            with model.tokenizing:
                return dict(model.tokenizer(text, verbose=verbose))

        return tokenize

    def ready(self) -> "LoadedModel":
        """The model.

        Raises:
            LineasError: where there is none (yet).
        """
        with self._guard:
            if self._model is not None:
                return self._model
            state = self.state
        if state.phase == "loading":
            raise LineasError(f"The model {state.name!r} is still being loaded. Try again in a moment.")
        if state.phase == "broken":
            raise LineasError(state.sentence)
        if state.phase == "error":
            raise LineasError(f"There is no model to work with. {state.sentence}")
        raise LineasError("No model is loaded. Load one on the Model page first.")

    def room(self) -> "Room":
        """Where a model would go, and how much there is free for it once the present one has left."""
        from lineas.models.hardware import room

        present = self._model
        return room(self._device, self._dtype, present.parameter_count * present.dtype.itemsize if present else 0)

    def _load(self, name: str, before: threading.Thread | None, make_room: Callable[[], None]) -> None:
        me = threading.current_thread()

        def progress(sentence: str, fraction: float | None = None) -> None:
            with self._guard:
                if self._loader is not me:
                    raise _Superseded
                self.state = ModelState(name, "loading", sentence, fraction)
            self._changed()

        if before is not None:
            before.join()  # two models at once may not fit
        make_room()
        try:
            progress(f"Loading {name!r} …")
            from lineas.models.load import load_model

            model = load_model(name, device=self._device, dtype=self._dtype, progress=progress)
        except _Superseded:
            return
        except Exception as error:
            result, state = None, ModelState(name, "error", describe(error))
        else:
            result, state = model, _ready(name, model)
        with self._guard:
            if self._loader is not me:
                return
            self._model, self._loader, self.state = result, None, state
        self._changed()


def _ready(name: str, model: "LoadedModel") -> ModelState:
    facts = ModelFacts(
        family=model.network.config.get_text_config().model_type,
        parameters=model.parameter_count,
        device=str(model.device),
        dtype=str(model.dtype).removeprefix("torch."),
        sites=len(model.sites),
        chats=model.has_chat_template,
    )
    return ModelState(name, "ready", f"{model.id!r} is ready.", 1.0, facts)
