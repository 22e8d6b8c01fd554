"""Maps to and from a hub on this computer, by Python, by the command line and by the studio."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from writable_hub import TOKEN, Hub, use_hub, writable_hub

from lineas import LineasError, SteeringMap
from lineas.cli import main
from lineas.cli.flags import library
from lineas.export.card import health_card
from lineas.files import ASSETS
from lineas.service.hub import bring, publish
from lineas.service.service import StudioService

PIRATE = ASSETS / "maps" / "pirate.safetensors"


@pytest.fixture
def pirate() -> SteeringMap:
    return SteeringMap.load(PIRATE)


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with writable_hub(tmp_path / "hub") as hub:
        use_hub(hub.address, tmp_path / "cache", monkeypatch)
        yield hub


def same(one: SteeringMap, other: SteeringMap) -> bool:
    return one.sites == other.sites and all(
        torch.equal(one.scale[site], other.scale[site]) and torch.equal(one.shift[site], other.shift[site])
        for site in one.sites
    )


def test_what_is_pushed_comes_back(pirate: SteeringMap, hub: Hub) -> None:
    url = pirate.push_to_hub("anna/pirate", token=TOKEN)
    assert url == f"{hub.address}/anna/pirate"
    assert sorted(file.name for file in (hub.folder / "anna/pirate").iterdir()) == ["README.md", "map.safetensors"]
    back = SteeringMap.from_pretrained("anna/pirate")
    assert same(back, pirate) and back.metadata == pirate.metadata
    assert 'from_pretrained("anna/pirate")' in (hub.folder / "anna/pirate/README.md").read_text("utf-8")
    assert hub.tokens[-1] is None, "a public map needs no token"
    louder = pirate.at_strength(2.0)
    assert louder.push_to_hub("pirate", token=TOKEN) == url, "a bare name is one of the token's own account"
    assert same(SteeringMap.from_pretrained("anna/pirate"), louder)
    assert same(SteeringMap.from_pretrained("anna/pirate", revision=hub.commit), louder)


def test_a_private_map_needs_the_token(pirate: SteeringMap, hub: Hub) -> None:
    pirate.push_to_hub("anna/secret", private=True, token=TOKEN)
    assert hub.private == ["anna/secret"]
    with pytest.raises(LineasError, match="no 'anna/secret' on Hugging Face"):
        SteeringMap.from_pretrained("anna/secret")
    assert same(SteeringMap.from_pretrained("anna/secret", token=TOKEN), pirate)


def test_a_folder_is_like_a_repository(pirate: SteeringMap, tmp_path: Path) -> None:
    pirate.save_pretrained(tmp_path / "deep" / "pirate")
    assert same(SteeringMap.from_pretrained(tmp_path / "deep" / "pirate"), pirate)
    assert same(SteeringMap.from_pretrained(str(PIRATE)), pirate)
    with pytest.raises(LineasError, match=r"no map file at .*map\.safetensors"):
        SteeringMap.from_pretrained(tmp_path)


def test_what_is_private_stays_here(pirate: SteeringMap, tmp_path: Path) -> None:
    card = health_card(pirate.metadata)
    assert card is not None
    told = replace(card, wrong_way=("My neighbour's name is Bob.",)).to_json()
    pirate.with_metadata(health=told, base_model="/home/anna/models/llama").save_pretrained(tmp_path)
    everything = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"Bob" not in everything and b"/home/anna" not in everything
    back = SteeringMap.from_pretrained(tmp_path).metadata
    assert back["base_model"] == "llama"
    kept = health_card(back)
    assert kept is not None and kept.points == card.points


def test_failures_are_sentences(
    pirate: SteeringMap, hub: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(LineasError, match="wants to know who you are"):
        pirate.push_to_hub("anna/pirate")
    with pytest.raises(LineasError, match="wants to know who you are"):
        pirate.push_to_hub("anna/pirate", token="hf_wrong")
    with pytest.raises(LineasError, match="does not let this token write to 'bob/pirate'"):
        pirate.push_to_hub("bob/pirate", token=TOKEN)
    with pytest.raises(LineasError, match="neither a folder here nor the name of a repository"):
        pirate.push_to_hub("anna/my pirate", token=TOKEN)
    with pytest.raises(LineasError, match="neither a folder here nor the name of a repository"):
        SteeringMap.from_pretrained("a/b/c")
    (hub.folder / "anna/model").mkdir(parents=True)
    with pytest.raises(LineasError, match=r"holds no map\.safetensors"):
        SteeringMap.from_pretrained("anna/model")
    (hub.folder / "anna/model/map.safetensors").write_bytes(b"pickle")
    hub.pushes += 1
    with pytest.raises(LineasError, match="cannot be used as a map"):
        SteeringMap.from_pretrained("anna/model")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but not listening
        use_hub(f"http://127.0.0.1:{taken.getsockname()[1]}", tmp_path / "other", monkeypatch)
        for work in (lambda: SteeringMap.from_pretrained("anna/pirate"), lambda: pirate.push_to_hub("a/b", token="x")):
            with pytest.raises(LineasError, match="cannot be reached"):
                work()


def test_the_command_line_pushes_and_pulls(hub: Hub, tmp_path: Path) -> None:
    variables = os.environ | {
        "HF_ENDPOINT": hub.address, "HF_TOKEN": TOKEN, "HF_HUB_OFFLINE": "0", "HF_HOME": str(tmp_path / "hf"),
        "LINEAS_HOME": str(tmp_path / "home"),
    }  # fmt: skip

    def lineas(*words: str) -> dict[str, str]:
        command = [sys.executable, "-m", "lineas", *words, "--json"]
        done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        found: dict[str, str] = json.loads(done.stdout)
        return found

    assert lineas("push", "pirate", "anna/pirate", "--private")["url"] == f"{hub.address}/anna/pirate"
    assert hub.private == ["anna/pirate"]
    out = lineas("pull", "anna/pirate", "--out", str(tmp_path / "mine.safetensors"))["map"]
    assert same(SteeringMap.load(out), SteeringMap.load(PIRATE))


def test_a_pulled_map_is_a_concept(
    pirate: SteeringMap, lineas_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pirate.with_metadata(name="Captain").save_pretrained(tmp_path / "captain")
    assert main(["pull", str(tmp_path / "captain")]) == 0
    assert "Captain is now among your concepts" in capsys.readouterr().out
    assert library().concepts()[0].name == "Captain"
    assert main(["pull", "anna/nothing"]) == 1
    assert "cannot be reached" in capsys.readouterr().err


def test_the_studio_publishes_and_brings_concepts(hub: Hub, lineas_home: Path) -> None:
    service = StudioService(root=lineas_home)
    publish(service, "preset:polite", "anna/polite", private=False, token=TOKEN)
    version = service.version
    concept = bring(service, "anna/polite", False)
    assert (concept.name, concept.kind, concept.mode) == ("Polite 2", "imported", "both")
    assert concept.instruction == "Answer in a very kind and polite way."
    assert concept.note.startswith("Turns rude and har")
    assert service.version > version
    with pytest.raises(LineasError, match="neither a folder here"):
        bring(service, str(lineas_home.parent))
