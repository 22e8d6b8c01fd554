"""Ready pairs of prompt lists for the small model, each with a map."""

from lineas.data.presets import Preset, load_presets
from lineas.files import ASSETS


def picture_presets() -> list[Preset]:
    """Load every preset; ``instruction`` is the word that a prompt would need instead of the map.

    Raises:
        LineasError: a file that cannot be used; the message names it.
    """
    return load_presets(ASSETS / "pictures")
