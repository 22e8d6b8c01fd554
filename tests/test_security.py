"""SECURITY.md and docs/reliability.md name the test of each promise and fault; those about the project as a whole are here."""

import ast
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from tiny import save_model

from lineas.errors import LineasError
from lineas.storage import ConceptStore, RunSpec, RunStore

ROOT = Path(__file__).parents[1]
PROMISES = re.findall(r"^\| (.+) \| `(tests/[\w/]+\.py)::(\w+)` \|$", (ROOT / "SECURITY.md").read_text("utf-8"), re.M)

SESSION = """
import os, signal, sys, socket, threading, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell starts in the background ignores it
sys.path[:0] = ["tests/helpers", "tests/ui"]
asked = []
real = socket.getaddrinfo
def getaddrinfo(host, *others, **more):
    asked.append(str(host)); return real(host, *others, **more)
socket.getaddrinfo = getaddrinfo
connect = socket.socket.connect
def connected(self, address):
    if isinstance(address, tuple): asked.append(str(address[0]))
    return connect(self, address)
socket.socket.connect = connected

import http.client
from pathlib import Path
from ports import free_port
from tiny import SOURCE, TARGET
from lineas.ui.launch import launch
from lineas.service.service import StudioService
port, kept = free_port(), []
start = StudioService.start
StudioService.start = lambda self, **options: (kept.append(self), start(self, **options))[1]

def use():
    while not kept or kept[0].snapshot().model.phase != "ready": time.sleep(0.05)
    service = kept[0]
    page = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    body = "--x\\r\\nContent-Disposition: form-data; name=files; filename=a.txt\\r\\n\\r\\nhello\\r\\n--x--\\r\\n"
    page.request("POST", "/gradio_api/upload", body, {"Content-Type": "multipart/form-data; boundary=x"})
    assert page.getresponse().read()
    run = service.teach("mine", "\\n".join(SOURCE), "\\n".join(TARGET), steps=2, preview="the day")
    while service.snapshot().run.state != "done": time.sleep(0.05)
    service.import_concept(service.run_store.get(run).map_path)
    while not service.run_store.get(run).health_path.exists(): time.sleep(0.1)
    service.delete(service.concepts()[0].id)
    print("used", sorted(set(asked) - {"127.0.0.1", "::1", "localhost"}))
    import _thread; _thread.interrupt_main()

threading.Thread(target=use, daemon=True).start()
launch(model=sys.argv[1], port=port)
"""


def test_every_promise_names_a_test_that_exists() -> None:
    rows = re.findall(r"^\| .+ \| `tests/", (ROOT / "SECURITY.md").read_text("utf-8"), re.M)
    assert len(PROMISES) == len(rows) >= 18
    for promise, file, name in PROMISES:
        code = ast.parse((ROOT / file).read_text("utf-8"))
        assert name in {node.name for node in ast.walk(code) if isinstance(node, ast.FunctionDef)}, promise


def test_every_fault_that_was_mended_names_a_test_that_exists() -> None:
    page = (ROOT / "docs" / "reliability.md").read_text("utf-8").partition("## Found once")[2]
    rows = re.findall(r"^\| .+ \| `(tests/[\w/]+\.py)::(\w+)` \|$", page, re.M)
    assert len(rows) == page.count("\n| ") - 1 >= 45  # without the head
    for file, name in rows:
        assert f"\ndef {name}(" in (ROOT / file).read_text("utf-8"), name


def test_no_shell_and_no_code_from_text() -> None:
    for path in [*(ROOT / "lineas").rglob("*.py"), ROOT / "app.py"]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            assert called not in ("eval", "exec", "compile", "os.system", "os.popen", "subprocess.getoutput"), path
            assert not any(word.arg == "shell" for word in node.keywords), path


def test_no_code_of_models_is_run(tmp_path: Path) -> None:
    from lineas.models.load import load_model

    for path in (ROOT / "lineas").rglob("*.py"):
        assert not re.search(r"trust_remote_code\"?\s*[=:](?!\s*False)", path.read_text("utf-8")), path
    folder = save_model(tmp_path / "model")
    config = (folder / "config.json").read_text()
    own = '{"auto_map": {"AutoConfig": "mine.C", "AutoModelForCausalLM": "mine.M"}, "model_type": "mine", '
    (folder / "config.json").write_text(config.replace("{", own, 1).replace('"model_type": "llama"', '"unused": 1'))
    (folder / "mine.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    with pytest.raises(LineasError):
        load_model(folder)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("name", ["../../secret", "/etc/passwd", "..", "", ".", "a\0b", "C:\\x", "x" * 5000])
def test_names_from_pages_lead_to_no_file(name: str, lineas_home: Path) -> None:
    runs = RunStore(lineas_home)
    runs.create(RunSpec("pirate", ("a",) * 4, ("b",) * 4)).release()
    concepts = ConceptStore(lineas_home, runs, lambda: [])
    (lineas_home / "maps").mkdir()
    (lineas_home.parent / "secret").mkdir()
    for kind in ("run", "map", "preset", ""):
        for act in (concepts.find, concepts.delete, concepts.undelete, lambda id: concepts.rename(id, "other")):
            with pytest.raises(LineasError):
                act(f"{kind}:{name}")
    with pytest.raises(LineasError):
        runs.get(name)
    assert (lineas_home.parent / "secret").is_dir()


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The home folder after a whole session with an upload, a training, an import and a deletion; and what it printed."""
    folder = tmp_path_factory.mktemp("session")
    save_model(folder / "model")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("GRADIO", "HF_"))}
    environment |= {"LINEAS_HOME": str(folder / "home"), "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-W", "ignore", "-c", SESSION, str(folder / "model")]
    wide = (
        (lambda: os.umask(0)) if os.name == "posix" else None
    )  # everyone may do everything, unless the studio forbids it
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, preexec_fn=wide
    )
    assert "used" in done.stdout, done.stdout + done.stderr
    return folder / "home", done.stdout


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_session_leaves_nothing_that_others_can_read(session: tuple[Path, str]) -> None:
    home, _ = session
    entries = [home, *home.rglob("*")]
    wanted = {"run.json", "map.safetensors", "metrics.jsonl", "health.json", "previews.jsonl", "names.lock", "uploads"}
    assert wanted <= {path.name for path in entries}
    open_ones = [str(path.relative_to(home)) for path in entries if stat.S_IMODE(path.stat().st_mode) & 0o077]
    assert [
        path for path in open_ones if not path.startswith(("models", "uploads/"))
    ] == []  # uploads itself is closed


def test_a_session_asks_nobody_outside(session: tuple[Path, str]) -> None:
    assert "used []" in session[1]
