"""Model names that clients may use: the plain model's, and those of concepts, with strengths and mixes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException

from lineas.errors import LineasError, short
from lineas.models.builtin import HUB_ID
from lineas.server.requests import Steering

if TYPE_CHECKING:  # these import torch
    from lineas.generation.prompts import Row, Turn
    from lineas.service.service import StudioService
    from lineas.storage import Concept

STRONGEST = 2.0


def public_name(model_id: str) -> str:
    """The plain model's own name: the built-in one's is that of its repository on the hub."""
    return HUB_ID if model_id == "default" else model_id


def list_models(service: "StudioService") -> list[dict[str, Any]]:
    """Models as clients list them: the plain one, then every concept that was made for it."""
    plain = public_name(service.model_slot.ready().id)
    fitting = [c for c in service.concepts() if public_name(c.base_model) in ("", plain)]
    about = [_entry(c.name, parent=plain, recommended_strength=c.recommended_strength, mode=c.mode) for c in fitting]
    return [_entry(plain), *about]


def describe_model(service: "StudioService", name: str) -> dict[str, Any]:
    """One model, which may also be a mix; raises as ``parse``."""
    parse(name, service.concepts(), service.model_slot.ready().id)
    return _entry(name)


def _entry(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "lineas", **more}


def row(
    service: "StudioService", name: str, steering: Steering, system: str | None, earlier: "Sequence[Turn]" = ()
) -> "Row":
    """Make the row of a model name such as ``pirate``, ``pirate@0.75`` or ``pirate@0.5+cheerful@0.4``.

    One concept is used as the studio offers it: at its recommended strength, in the advised mode. A mix only steers, unless
    ``steering`` asks for more. Strength 0 is the plain model.

    Raises:
        HTTPException: there is no such model or concept (404).
        LineasError: a strength that is none, a mode without an instruction, concepts that cannot be mixed.
    """
    from lineas.generation.prompts import Row, concept_row

    parts = parse(name, service.concepts(), service.model_slot.ready().id)
    if steering.strength is not None:
        if len(parts) > 1:
            raise LineasError(
                f"{short(name)!r} has several concepts: write each one's strength behind its name, with @."
            )
        parts = [(concept, steering.strength) for concept, _ in parts]
    parts = [(concept, concept.recommended_strength if at is None else at) for concept, at in parts]
    if not any(at for _, at in parts):
        return Row(None, 0.0, system, earlier=tuple(earlier))
    single = parts[0][0] if len(parts) == 1 else None
    mode = steering.mode or (single.mode if single else "show")
    instruction = steering.instruction.strip() or (single.instruction if single else "")
    if mode != "show" and not instruction:
        raise LineasError(
            f"{short(name)!r} has no instruction of its own. Send one in 'steering', or use the mode show."
        )
    if single:
        steering_map, strength = service.steering_map(single.id), parts[0][1]
    else:
        steering_map, strength = service.concept_store.mixed([(c.id, at or 0.0) for c, at in parts]), 1.0
    made = concept_row(steering_map, strength, mode, instruction, system)  # type: ignore[arg-type]  # a concept's mode is one
    return replace(made, scope=steering.scope, earlier=tuple(earlier))


def parse(name: str, concepts: "Sequence[Concept]", model_id: str) -> "list[tuple[Concept, float | None]]":
    """Find the concepts of a model name with their strengths; none for the plain model.

    A concept is found by its name, its id, or its id without the kind, in capitals or not; so a name may itself contain + or @.

    Raises:
        HTTPException, LineasError: as ``row``.
    """
    if name.strip().casefold() in {model_id.casefold(), public_name(model_id).casefold()}:
        return []
    if (whole := _find(name, concepts)) is not None:
        return [(whole, None)]
    parts: list[tuple[Concept, float | None]] = []
    for part in name.split("+"):
        wanted, at, number = part.rpartition("@")
        concept = _find(wanted if at else part, concepts)
        if concept is None:
            known = ", ".join([public_name(model_id), *(concept.name for concept in concepts[:20])])
            raise HTTPException(
                404, f"There is no model or concept {short(wanted if at else part)!r}. There are: {known}."
            )
        parts.append((concept, _strength(part, number) if at else None))
    return parts


def _find(wanted: str, concepts: "Sequence[Concept]") -> "Concept | None":
    wanted = wanted.strip().casefold()
    for concept in concepts:
        if wanted in (concept.name.casefold(), concept.id.casefold(), concept.id.partition(":")[2].casefold()):
            return concept
    return None


def _strength(part: str, number: str) -> float:
    try:
        strength = float(number)
    except ValueError:
        strength = -1.0
    if not 0 <= strength <= STRONGEST:
        raise LineasError(
            f"{short(part)!r} has no strength: write a number from 0 to {STRONGEST:g} behind the @, as pirate@0.75."
        )
    return strength
