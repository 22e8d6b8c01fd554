import pytest

from lineas.storage import RunStore


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path)
