"""LinEAS: steer a language model by example.

    from lineas import fit, load_model, steer

    model = load_model("default")
    steering_map = fit(model, source=[...], target=[...])
    with steer(model, steering_map, strength=0.8):
        ...

Names are looked up when first used, so that ``import lineas`` costs nothing and a page can be up before torch is.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lineas.errors import LineasError
from lineas.version import __version__

if TYPE_CHECKING:
    from lineas.generation.generate import generate
    from lineas.generation.prompts import Row, concept_row
    from lineas.generation.sampling import Sampling
    from lineas.generation.streaming import stream
    from lineas.methods.load import load_steering
    from lineas.models.load import load_model, wrap_model
    from lineas.steering.hooks import record, steer
    from lineas.steering.map import SteeringMap
    from lineas.training.recipes import Recipe
    from lineas.training.trainer import fit, train

__all__ = [
    "LineasError", "Recipe", "Row", "Sampling", "SteeringMap", "__version__", "concept_row", "fit", "generate",
    "load_model", "load_steering", "record", "steer", "stream", "train", "wrap_model",
]  # fmt: skip

_MODULES = {
    "Recipe": "training.recipes",
    "Row": "generation.prompts",
    "Sampling": "generation.sampling",
    "SteeringMap": "steering.map",
    "concept_row": "generation.prompts",
    "fit": "training.trainer",
    "generate": "generation.generate",
    "load_model": "models.load",
    "load_steering": "methods.load",
    "record": "steering.hooks",
    "steer": "steering.hooks",
    "stream": "generation.streaming",
    "train": "training.trainer",
    "wrap_model": "models.load",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'lineas' has no attribute {name!r}")
    return getattr(import_module(f"lineas.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
