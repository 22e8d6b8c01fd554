"""LinEAS: steer a language model by example.

    from lineas import SteeringMap, fit, load_model, steer

    model = load_model("default")
    steering_map = fit(model, source=[...], target=[...])
    with steer(model, steering_map, strength=0.8):
        ...

Names are looked up when first used, so that ``import lineas`` costs nothing and a page can be up before torch is.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lineas.errors import LineasError

if TYPE_CHECKING:
    from lineas.core.maps import SteeringMap
    from lineas.generation import generate
    from lineas.model.hooks import record, steer
    from lineas.model.loading import load_model
    from lineas.recipes import Recipe
    from lineas.training import fit, train

__version__ = "0.1.0"
__all__ = ["LineasError", "Recipe", "SteeringMap", "fit", "generate", "load_model", "record", "steer", "train"]

_HOMES = {
    "Recipe": "lineas.recipes",
    "SteeringMap": "lineas.core.maps",
    "fit": "lineas.training",
    "generate": "lineas.generation",
    "load_model": "lineas.model.loading",
    "record": "lineas.model.hooks",
    "steer": "lineas.model.hooks",
    "train": "lineas.training",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'lineas' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
