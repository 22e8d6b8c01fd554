"""Steering and recording: a site's output, changed by a map or kept."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Protocol

import torch
from torch import Tensor, nn

from lineas.errors import LineasError
from lineas.steering.adapter import Adapter, Steering
from lineas.steering.intercept import Change, Positions, affine, at_spans, intercept, on_rows, on_tokens
from lineas.steering.map import SteeringMap
from lineas.steering.site import Site, module_widths


class HasSites(Protocol):
    """A model to which maps belong: ``lineas.models.LoadedModel``, ``lineas.pictures.PictureModel``."""

    @property
    def id(self) -> str: ...

    @property
    def network(self) -> nn.Module: ...

    @property
    def sites(self) -> Sequence[Site]: ...

    @property
    def fingerprint(self) -> str: ...


class Steerable(HasSites, Protocol):
    """What steering text needs of a model; ``lineas.models.LoadedModel`` is one."""

    def prefixed(self, text: str) -> AbstractContextManager[None]:
        """A block inside which everything that the network reads goes on from ``text``."""


@contextmanager
def steer(
    model: Steerable,
    maps: Steering | None | Sequence[Steering | None],
    strength: float | Sequence[float] | Tensor = 1.0,
    tokens: slice | Sequence[slice] | Positions | None = None,
) -> Iterator[None]:
    """Steer every forward pass of this thread inside the ``with`` block, ``network.generate`` included.

    Args:
        model: a loaded model.
        maps: a SteeringMap or an Adapter: one for the whole batch, or one for each row (None: that row stays plain). An
            instruction steers whole batches only; ``generate`` writes it into each row's prompt.
        strength: λ, one number for the whole batch or one for each row. 0 is the plain model, bit for bit.
        tokens: positions of each forward pass to steer, all by default: one slice for the whole batch, one for each row, or a
            function of the pass's length.

    Raises:
        LineasError: where a map does not belong to this model, or the rows of maps and strengths differ in number.

    Example:
        with steer(model, pirate, strength=[0.0, 0.5, 1.0]):       # a batch of three rows
            model.network.generate(**batch)
    """
    if isinstance(strength, Tensor):
        strength = strength.tolist()
    one_for_all = not isinstance(maps, Sequence) and not isinstance(strength, Sequence)
    rows = _rows(maps, strength)
    for steering_map in {id(m): m for m, _ in rows if m is not None}.values():
        check_fits(model, steering_map)
    strengthened = [m.at_strength(s) if isinstance(m, SteeringMap) and s != 0 else None for m, s in rows]
    moved = {site for m in strengthened if m is not None for site in m.sites}
    spans = [tokens] if isinstance(tokens, slice) else tokens
    positions = at_spans(spans) if isinstance(spans, Sequence) else spans
    changes: dict[str, Change] = {}
    for site in sorted(moved):
        width = next(m.widths[site] for m in strengthened if m is not None and site in m.scale)
        scales = [torch.ones(width) if m is None or site not in m.scale else m.scale[site] for m in strengthened]
        shifts = [torch.zeros(width) if m is None or site not in m.shift else m.shift[site] for m in strengthened]
        if one_for_all:
            changes[site] = affine(scales[0], shifts[0])
        else:
            changes[site] = affine(torch.stack(scales)[:, None], torch.stack(shifts)[:, None])
    with ExitStack() as stack:
        stack.enter_context(intercept(model.network, on_tokens(changes, positions)))
        for adapter, s, members in _adapters(rows):
            if adapter.instruction and not one_for_all:
                raise LineasError(
                    f"{adapter.name or 'An instruction'!r} is words before the text, the same for a whole batch. "
                    "Steer with it alone, or give it to generate, which writes it into the prompt of its own row."
                )
            if adapter.instruction:
                stack.enter_context(model.prefixed(f"{adapter.instruction}\n\n"))
            own = on_tokens(adapter.changes(s), positions if one_for_all else _of_rows(positions, members))
            if not one_for_all:
                own = {site: on_rows(change, members) for site, change in own.items()}
            stack.enter_context(intercept(model.network, own))
        yield


def _of_rows(positions: Positions | None, members: list[int]) -> Positions | None:
    """The positions of these rows of the batch."""
    if positions is None:
        return None
    of_all = positions

    def of_members(length: int) -> Tensor | None:
        steered = of_all(length)
        return steered if steered is None or len(steered) == 1 else steered[members]

    return of_members


def _adapters(rows: Sequence[tuple[Steering | None, float]]) -> list[tuple[Adapter, float, list[int]]]:
    """Find each adapter and strength that is not 0, with the rows that use it."""
    wanted: dict[tuple[int, float], tuple[Adapter, float, list[int]]] = {}
    for row, (steering, strength) in enumerate(rows):
        if isinstance(steering, Adapter) and strength != 0:
            wanted.setdefault((id(steering), strength), (steering, strength, []))[2].append(row)
    return list(wanted.values())


def _rows(
    maps: Steering | None | Sequence[Steering | None], strength: float | Sequence[float]
) -> list[tuple[Steering | None, float]]:
    many_maps = list(maps) if isinstance(maps, Sequence) else None
    many_strengths = list(strength) if isinstance(strength, Sequence) else None
    count = len(many_maps or many_strengths or [None])
    if many_maps is not None and many_strengths is not None and len(many_maps) != len(many_strengths):
        raise LineasError(
            f"There are {len(many_maps)} maps but {len(many_strengths)} strengths. Give one of each for every row of the batch."
        )
    return list(
        zip(
            many_maps if many_maps is not None else [maps] * count,  # type: ignore[list-item]
            many_strengths if many_strengths is not None else [strength] * count,  # type: ignore[list-item]
            strict=True,
        )
    )


@contextmanager
def record(model: Steerable, sites: Sequence[str] | None = None) -> Iterator[dict[str, Tensor]]:
    """Yield a dict that after each forward pass holds what every site returned: site → (batch, tokens, width).

    Inside ``steer`` it holds the steered outputs. Nothing is detached: gradients flow where they are on.

    Args:
        sites: module names; by default the model's sites.
    """
    seen: dict[str, Tensor] = {}

    def watch(site: str) -> Change:
        def change(output: Tensor) -> None:
            seen[site] = output

        return change

    names = [site.name for site in model.sites] if sites is None else sites
    with intercept(model.network, {name: watch(name) for name in names}):
        yield seen


def check_fits(model: HasSites, steering_map: Steering) -> str | None:
    """Check that a map belongs to a model: the same module names with outputs of the same widths.

    Returns:
        None where it was made on this model; a warning sentence where only the weights differ.

    Raises:
        LineasError: where the model lacks a site of the map, or its width differs.
    """
    name = steering_map.name or "this map"
    made_on = steering_map.metadata.get("base_model", "another model")
    widths = module_widths(model.network)
    for site, width in steering_map.widths.items():
        if widths.get(site) != width:
            found = "has no such part" if site not in widths else f"has {widths[site]} there"
            raise LineasError(
                f"{name!r} was made for {made_on!r} and does not fit {model.id!r}: it steers {site!r} "
                f"with {width} values, and this model {found}. Load {made_on!r}, or teach the concept again on this model."
            )
    fingerprint = steering_map.metadata.get("base_model_fingerprint")
    if fingerprint and fingerprint != model.fingerprint:
        return (
            f"{name!r} was made on {made_on!r}; {model.id!r} has the same shape but other weights, "
            "so the effect may be weaker or odd."
        )
    return None
