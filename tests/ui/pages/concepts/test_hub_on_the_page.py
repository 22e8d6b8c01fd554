"""My concepts and the Hugging Face hub: publishing, and bringing a concept from there."""

from pathlib import Path
from typing import Any

import pytest
from handlers import call, here
from writable_hub import TOKEN, use_hub, writable_hub

from lineas.service.service import StudioService


def test_a_concept_is_published_and_brought_back(
    blocks: Any, service: StudioService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writable_hub(tmp_path / "hub") as hub:
        use_hub(hub.address, tmp_path / "cache", monkeypatch)
        shown = call(blocks, "publish", "preset:pirate", None, " anna/pirate ", TOKEN, True)
        assert f"{hub.address}/anna/pirate" in shown["library-problem"] and shown["library-hub-token"] == ""
        assert hub.private == ["anna/pirate"]
        assert TOKEN not in "".join(
            file.read_text("utf-8", "replace") for file in tmp_path.rglob("*") if file.is_file()
        )
        shown = call(blocks, "publish", "preset:pirate", None, "anna/pirate", "hf_wrong", False)
        assert 'role="alert"' in shown["library-problem"] and "library-hub-token" not in shown, "it can be corrected"
        hub.private.clear()
        shown = call(blocks, "bring_from_hub", "anna/pirate", *here())
        assert "“Pirate 2” was added" in shown["library-problem"] and shown["library-hub-bring"] == ""
        assert service.concepts()[0].name == "Pirate 2"


def test_a_name_is_needed(blocks: Any) -> None:
    for shown in (
        call(blocks, "publish", "preset:pirate", None, " ", "", False),
        call(blocks, "bring_from_hub", "", *here()),
    ):
        assert "Type a name first" in shown["library-problem"]


def test_people_elsewhere_do_not_use_the_studio_s_own_token(
    service: StudioService, presets: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lineas.ui.context import Context
    from lineas.ui.studio import build

    blocks = build(Context(service, presets, local=False))
    with writable_hub(tmp_path / "hub") as hub:
        use_hub(hub.address, tmp_path / "cache", monkeypatch)
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        shown = call(blocks, "publish", "preset:pirate", None, "anna/pirate", "", False)
        assert "Give your own Hugging Face token" in shown["library-problem"] and hub.tokens == []
        call(blocks, "bring_from_hub", "anna/pirate", *here())
        assert hub.tokens and set(hub.tokens) == {None}
