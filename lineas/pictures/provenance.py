"""The metadata of a picture map: those of a text map, the pipeline, and the sites whose coordinates are channels."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from lineas.pictures.model import PictureModel
from lineas.training.provenance import provenance


def picture_metadata(
    model: PictureModel,
    name: str,
    method: str,
    settings: Mapping[str, Any],
    source: Sequence[str],
    target: Sequence[str],
    metrics: Mapping[str, Any],
) -> dict[str, str]:
    return provenance(model, name, method, settings, source, target, metrics) | {
        "kind": "pictures",
        "pipeline": type(model.pipeline).__name__,
        "axes": json.dumps({site.name: site.axis for site in model.sites if site.axis != -1}),
    }
