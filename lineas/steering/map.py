"""The steering map: one affine map per site, the artefact that every training ends in and everything else reads."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Self

import torch
from torch import Tensor

from lineas.errors import LineasError, short
from lineas.steering import map_file, notebook
from lineas.steering.notebook import SiteNorms

SUPPORT_TOLERANCE = 1e-5
"""A coordinate counts as moved where |ω − 1| or |b| exceeds this."""
SMALLEST_SCALE = 1e-2
"""Smallest scale: nearer to 0 no inverse exists, and negative ones are no transport map, since they reverse the order."""


@dataclass(frozen=True)
class SteeringMap:
    """T(z) = ω ⊙ z + b at every site (LinEAS, arXiv 2503.10679, section 3).

    Attributes:
        scale: site name → ω; float32 on the CPU, shape (width,).
        shift: site name → b; the same sites and shapes.
        metadata: strings that say where the map came from.

    Raises:
        LineasError: where scale and shift differ in sites or shapes.

    Example:
        pirate = SteeringMap.load("pirate.safetensors")
        softer = pirate.at_strength(0.5).then(cheerful)
    """

    scale: Mapping[str, Tensor]
    shift: Mapping[str, Tensor]
    metadata: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.scale.keys() != self.shift.keys():
            raise LineasError(
                "A map needs a scale and a shift for the same sites; some site here has only one of them."
            )
        for name in ("scale", "shift"):
            tensors = {site: t.detach().to("cpu", torch.float32) for site, t in getattr(self, name).items()}
            object.__setattr__(self, name, MappingProxyType(tensors))
        for site, scale in self.scale.items():
            if scale.ndim != 1 or scale.shape != self.shift[site].shape:
                raise LineasError(
                    f"Site {short(site)!r} has a scale of shape {tuple(scale.shape)} and a shift of shape "
                    f"{tuple(self.shift[site].shape)}; both must be one row of the same length."
                )
        object.__setattr__(self, "metadata", MappingProxyType(dict(self.metadata)))

    @classmethod
    def identity(cls, widths: Mapping[str, int], metadata: Mapping[str, str] | None = None) -> Self:
        """Build the map that moves nothing, for sites of the given widths."""
        return cls(
            {site: torch.ones(width) for site, width in widths.items()},
            {site: torch.zeros(width) for site, width in widths.items()},
            metadata or {},
        )

    @property
    def name(self) -> str:
        return self.metadata.get("name", "")

    @property
    def for_pictures(self) -> bool:
        """True for a map that steers a model that draws."""
        return self.metadata.get("kind") == "pictures"

    @property
    def sites(self) -> tuple[str, ...]:
        return tuple(self.scale)

    @property
    def widths(self) -> dict[str, int]:
        return {site: len(scale) for site, scale in self.scale.items()}

    def with_metadata(self, **strings: str) -> Self:
        return type(self)(self.scale, self.shift, {**self.metadata, **strings})

    def at_strength(self, strength: float) -> Self:
        """Scale the map's effect: T^λ(z) = (1−λ)z + λT(z), so ω becomes 1+λ(ω−1) and b becomes λb.

        0 is the identity exactly, 1 is this map, more extrapolates.
        """
        if strength == 1:
            return self
        return self._changed(
            {site: 1 + strength * (scale - 1) for site, scale in self.scale.items()},
            {site: strength * shift for site, shift in self.shift.items()},
        )

    def inverse(self) -> Self:
        """Invert the map: T⁻¹(z) = (z−b)/ω.

        Raises:
            LineasError: where some |ω| is below 0.01, which no inverse survives.
        """
        for site, scale in self.scale.items():
            if float(scale.abs().min()) < SMALLEST_SCALE:
                raise LineasError(
                    f"This map cannot be inverted: at {short(site)!r} it shrinks a coordinate to almost nothing "
                    f"(scale {float(scale.abs().min()):.4f}). Use a lower strength first, for instance at_strength(0.5)."
                )
        return self._changed(
            {site: 1 / scale for site, scale in self.scale.items()},
            {site: -shift / self.scale[site] for site, shift in self.shift.items()},
        )

    def then(self, other: "SteeringMap") -> Self:
        """Compose: first this map, then ``other``, z ↦ T_other(T_self(z)), exactly.

        A site that one of them lacks is steered by the other alone. Together they steer answers only if both do.
        """
        scale, shift = dict(self.scale), dict(self.shift)
        for site, later in other.scale.items():
            if site in scale:
                self._same_width(site, other)
                scale[site], shift[site] = later * scale[site], later * shift[site] + other.shift[site]
            else:
                scale[site], shift[site] = later, other.shift[site]
        return type(self)(scale, shift, _shared_scope([self, other]))

    @classmethod
    def mix(cls, parts: Sequence[tuple["SteeringMap", float]]) -> Self:
        """Add weighted displacements: ω = 1 + Σ w(ω_i−1), b = Σ w b_i. Unlike ``then``, the order does not matter."""
        if not parts:
            raise LineasError("There is nothing to mix: name at least one map and its weight.")
        scale: dict[str, Tensor] = {}
        shift: dict[str, Tensor] = {}
        first = parts[0][0]
        for part, weight in parts:
            for site in part.sites:
                if site in scale and len(scale[site]) != len(part.scale[site]):
                    first._same_width(site, part)
                scale[site] = scale.get(site, torch.ones_like(part.scale[site])) + weight * (part.scale[site] - 1)
                shift[site] = shift.get(site, torch.zeros_like(part.shift[site])) + weight * part.shift[site]
        return cls(scale, shift, _shared_scope([part for part, _ in parts]))

    def prune(self, threshold: float) -> Self:
        """Set every ω within ``threshold`` of 1 to 1, and every b within it of 0 to 0."""
        return self._changed(
            {site: torch.where((scale - 1).abs() > threshold, scale, 1.0) for site, scale in self.scale.items()},
            {site: torch.where(shift.abs() > threshold, shift, 0.0) for site, shift in self.shift.items()},
        )

    def moved(self) -> Iterator[tuple[str, Tensor]]:
        """Yield each site with the mask of the coordinates that the map moves: bool, shape (width,)."""
        for site, scale in self.scale.items():
            yield site, ((scale - 1).abs() > SUPPORT_TOLERANCE) | (self.shift[site].abs() > SUPPORT_TOLERANCE)

    def support(self) -> float:
        """Share of all coordinates that the map moves, 0 to 1."""
        moved = [m for _, m in self.moved()]
        return float(torch.cat(moved).float().mean()) if moved else 0.0

    def norms(self) -> dict[str, SiteNorms]:
        return {
            site: SiteNorms(
                float((self.scale[site] - 1).norm()), float(self.shift[site].norm()), float(moved.float().mean())
            )
            for site, moved in self.moved()
        }

    def __repr__(self) -> str:
        made_for = self.metadata.get("base_model", "any model")
        moved = f"{self.support():.0%} of {sum(self.widths.values()):,} coordinates"
        return f"<SteeringMap {short(self.name)!r} for {short(made_for)!r}: {len(self.sites)} sites, {moved}>"

    def _repr_html_(self) -> str:
        """The map in a notebook: what it is, and how far it moves each site."""
        return notebook.html(self.metadata, self.norms())

    def save(self, path: str | Path) -> None:
        """Write one safetensors file, all or nothing (``lineas.steering.map_file``)."""
        map_file.save(Path(path), self.scale, self.shift, self.metadata)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a map file.

        Raises:
            LineasError: where the file is not a whole, finite map of a format this version reads.
        """
        scale, shift, metadata = map_file.load(Path(path))
        try:
            return cls(scale, shift, metadata)
        except LineasError as error:
            raise map_file.refused(Path(path), str(error)) from None

    def save_pretrained(self, folder: str | Path) -> None:
        """Write the map and its card into a folder, as they lie on the Hugging Face hub (``lineas.export.hub``)."""
        _hub().save_pretrained(self, folder)

    def push_to_hub(self, repo: str, private: bool = False, token: str | None = None) -> str:
        """Put the map and its card into a repository of the Hugging Face hub; return its address (``lineas.export.hub``)."""
        return str(_hub().push_to_hub(self, repo, private, token))

    @staticmethod
    def from_pretrained(name: str | Path, revision: str | None = None, token: str | None = None) -> "SteeringMap":
        """Read a map from a folder or a repository of the Hugging Face hub (``lineas.export.hub``)."""
        found: SteeringMap = _hub().from_pretrained(name, revision, token)
        return found

    def _changed(self, scale: Mapping[str, Tensor], shift: Mapping[str, Tensor]) -> Self:
        return type(self)(scale, shift, self.metadata)

    def _same_width(self, site: str, other: "SteeringMap") -> None:
        if site in self.scale and len(self.scale[site]) != len(other.scale[site]):
            raise LineasError(
                f"The maps {self.name or 'first'!r} and {other.name or 'second'!r} do not belong to the same model: "
                f"at {short(site)!r} one has {len(self.scale[site])} coordinates, the other {len(other.scale[site])}. "
                "Combine maps of one model only."
            )


def _shared_scope(maps: Sequence[SteeringMap]) -> dict[str, str]:
    """The first map's metadata, without a scope that the others do not share."""
    scopes = {one.metadata.get("scope", "everything") for one in maps}
    return {name: value for name, value in maps[0].metadata.items() if name != "scope" or len(scopes) == 1}


def _hub() -> ModuleType:
    # by name and late: this package knows torch only, and the hub's code stands above it
    return import_module("lineas.export.hub")
