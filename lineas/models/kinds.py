"""Which configs are of a model that writes text: one rule for the list of models and for loading, without torch."""

import ast
import re
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_WRAPPER = re.compile(r"For(ConditionalGeneration|ImageTextToText|MultimodalLM)$")
"""Networks that see or hear, too; transformers loads what writes of them, or all of it."""


def writes_text(config: Mapping[str, Any]) -> bool:
    """Whether transformers loads a network of this ``config.json`` as a causal language model, and it was trained as one.

    A config that does not name its architectures is judged by its model type alone.
    """
    kinds, family = config.get("architectures") or [], config.get("model_type")
    known = causal_classes()
    if not isinstance(kinds, list) or config.get("is_encoder_decoder"):
        return False
    if any(str(kind) in known.values() for kind in kinds):
        return True
    return family in known and (not kinds or any(_WRAPPER.search(str(kind)) for kind in kinds))


@cache
def causal_classes() -> dict[str, str]:
    """Model type → class of transformers' mapping for causal language models.

    Read from its source, since importing it imports torch, for which the list of models must not wait.
    """
    found = find_spec("transformers")
    assert found is not None and found.origin is not None, "transformers is required"
    source = (Path(found.origin).parent / "models" / "auto" / "modeling_auto.py").read_text("utf-8")
    listed = re.search(r"^MODEL_FOR_CAUSAL_LM_MAPPING_NAMES = OrderedDict\((.*?)^\)", source, re.M | re.S)
    assert listed is not None, "transformers has the mapping elsewhere"
    return dict(ast.literal_eval(listed[1].strip()))
