"""The studio on a Hugging Face Space, and where it then writes."""

import argparse
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ports import free_port

from lineas.server.network import allowed_hosts
from lineas.ui import space
from lineas.ui.launch import add_flags, launch


def test_a_space_is_reached_from_outside_without_a_sign_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    served: list[Any] = []
    monkeypatch.setattr("lineas.ui.server.serve", lambda *args, **options: served.append((args, options)))
    for name in ("LINEAS_HOME", "GRADIO_TEMP_DIR", "HF_HOME"):
        monkeypatch.delenv(name, raising=False)
    parser = argparse.ArgumentParser()
    monkeypatch.setenv("SPACE_ID", "someone/lineas")
    add_flags(parser)
    port = free_port()
    launch(**vars(parser.parse_args(["--port", str(port), "--home", str(tmp_path)])))
    [((model, host, asked, sign_in), options)] = served
    assert (model, host, asked, sign_in) == ("default", "0.0.0.0", port, None) and not options["share"]
    assert allowed_hosts(host, share=False) == ["*"]
    for name in ("LINEAS_HOME", "GRADIO_TEMP_DIR", "HF_HOME"):  # nothing is written elsewhere
        assert Path(os.environ[name]).is_relative_to(tmp_path)


def test_at_home_models_of_the_hub_stay_where_other_programs_look(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("SPACE_ID", "GRADIO_TEMP_DIR", "HF_HOME"):
        monkeypatch.delenv(name, raising=False)
    space.set_folders(tmp_path)
    assert "HF_HOME" not in os.environ and os.environ["GRADIO_TEMP_DIR"] == str(tmp_path / "uploads")


def test_where_cards_are_lent_something_is_decorated_and_the_processor_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spaces", None)  # not installed
    assert not space.has_zero_gpu()
    decorated: list[Any] = []
    monkeypatch.setitem(sys.modules, "spaces", SimpleNamespace(GPU=decorated.append))
    monkeypatch.delenv("SPACES_ZERO_GPU", raising=False)
    assert not space.has_zero_gpu() and len(decorated) == 1
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    assert space.has_zero_gpu()
