"""A tiny model in a folder, a map for it, and the command line."""

from pathlib import Path

import pytest
import torch
from commands import Lineas, Result
from tiny import SOURCE, TARGET, make_model

from lineas import cli
from lineas.steering.map import SteeringMap


@pytest.fixture
def lineas(capfd: pytest.CaptureFixture[str], lineas_home: Path) -> Lineas:
    """Runs commands in this process, with an empty home folder."""

    def run(*words: object) -> Result:
        capfd.readouterr()
        code = cli.main([str(word) for word in words])
        return Result(code, *capfd.readouterr())

    return run


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model and two example files."""
    folder = tmp_path_factory.mktemp("cli")
    model = make_model("llama")
    model.network.save_pretrained(folder / "model")
    model.tokenizer.save_pretrained(folder / "model")
    (folder / "source.txt").write_text("\n".join(SOURCE), encoding="utf-8")
    (folder / "target.txt").write_text("\n".join(TARGET), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def a_map(folder: Path) -> Path:
    """A map for the tiny model that changes every coordinate."""
    model = make_model("llama")
    generator = torch.Generator().manual_seed(0)
    path = folder / "strong.safetensors"
    SteeringMap(
        {site.name: 1 + 0.3 * torch.randn(site.width, generator=generator) for site in model.sites},
        {site.name: torch.randn(site.width, generator=generator) for site in model.sites},
        {"name": "strong", "base_model": "tiny", "recommended_strength": "0.8"},
    ).save(path)
    return path
