"""Command lines for tests, and their results."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def reason(self) -> str:
        """The last line on stderr."""
        return self.err.strip().splitlines()[-1]


Lineas = Callable[..., Result]


def process(*words: object, home: Path, **more: str) -> Result:
    """Run a command in a new process."""
    command = [sys.executable, "-m", "lineas", *map(str, words)]
    done = subprocess.run(command, env=environment(home, more), cwd=ROOT, capture_output=True, text=True, timeout=120)
    return Result(done.returncode, done.stdout, done.stderr)


def environment(home: Path, more: dict[str, str]) -> dict[str, str]:
    return os.environ | {"LINEAS_HOME": str(home), "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"} | more


def training(folder: Path, out: Path, *more: object) -> list[object]:
    files = ["--source", folder / "source.txt", "--target", folder / "target.txt"]
    return ["train", *files, "--out", out, "--model", folder / "model", "--no-check", *more]


def asking(folder: Path, steering_map: object, *more: object) -> list[object]:
    return ["generate", "--map", steering_map, "--model", folder / "model", "--max-new-tokens", 6, *more]
