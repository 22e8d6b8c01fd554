import pytest

from lineas.store import RunStore


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path)
