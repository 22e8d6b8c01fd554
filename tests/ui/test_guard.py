"""What keeps other sites, guessers and floods away from the studio's pages."""

import http.client
import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import gradio as gr
import pytest
from ports import free_port
from studio_server import OpenStudio

from lineas.server import guard
from lineas.service.service import StudioService
from lineas.ui.context import Context

FORM = "multipart/form-data; boundary=x"
OTHERS = ("http://evil.example", "null", "http://127.0.0.1:9", "http://localhost:3000")


def upload(number: int = 1, size: int = 5) -> str:
    part = f"--x\r\nContent-Disposition: form-data; name=files; filename=a.txt\r\n\r\n{'h' * size}\r\n"
    return part * number + "--x--\r\n"


def ask(url: str, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, dict[str, str], str]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()


def uploaded(studio: OpenStudio) -> list[Path]:
    return [path for path in Path(studio.blocks.GRADIO_CACHE).rglob("*") if path.is_file()]


@pytest.mark.parametrize("origin", OTHERS)
def test_other_sites_can_neither_change_nor_read_anything(studio: OpenStudio, origin: str) -> None:
    before = uploaded(studio)
    event = json.dumps({"data": [], "fn_index": 0, "session_hash": "x"})
    for method, path, body, kind in (
        ("POST", "/gradio_api/upload", upload(), FORM),
        ("POST", "/gradio_api/queue/join", event, "text/plain"),
        ("POST", "/gradio_api/run/news", event, "application/json"),
        ("POST", "/v1/completions", "{}", "text/plain"),
        ("OPTIONS", "/gradio_api/run/news", None, "text/plain"),
        ("GET", "/config", None, "text/plain"),
    ):
        asked = {"Origin": origin, "Content_Type": kind, "Access_Control_Request_Method": "POST"}
        status, headers, said = ask(studio.url, method, path, body, **asked)
        assert status == 403 and "other sites" in said, path
        assert not any(name.startswith("access-control") for name in headers), path
    assert uploaded(studio) == before


def test_the_studio_s_own_page_and_programs_may(studio: OpenStudio) -> None:
    own = studio.url.rstrip("/")
    port = urlsplit(studio.url).port
    for headers in (
        {},
        {"Origin": own},
        {"Origin": f"http://localhost:{port}", "Host": f"localhost:{port}"},
        {"Origin": "https://studio.example", "X_Forwarded_Host": "studio.example, proxy"},
    ):
        assert ask(studio.url, "POST", "/gradio_api/upload", upload(), Content_Type=FORM, **headers)[0] == 200


def test_a_page_reaches_no_other_files(studio: OpenStudio, tmp_path: Path) -> None:
    """Neither by an address, nor as the file that a page says was uploaded, which an import deletes afterwards."""
    secret = tmp_path / "secret.safetensors"
    secret.write_text("secret")
    for path in (secret, studio.service.concept_store.root / "names.lock", "/etc/passwd", "README.md"):
        status, _, said = ask(studio.url, "GET", f"/gradio_api/file={path}")
        assert status in (403, 404) and "secret" not in said.replace(str(path), "")
    status, _, said = ask(
        studio.url, "POST", "/gradio_api/upload", upload().replace("a.txt", "../../up.txt"), Content_Type=FORM
    )
    assert status == 200 and Path(json.loads(said)[0]).is_relative_to(studio.blocks.GRADIO_CACHE)
    given = {"path": str(secret), "meta": {"_type": "gradio.FileData"}}
    takers = [
        fn
        for fn in studio.blocks.fns.values()
        if any(isinstance(part, gr.File | gr.UploadButton) for part in fn.inputs)
    ]
    assert len(takers) >= 3
    for fn in takers:
        data = [given if isinstance(part, gr.File | gr.UploadButton) else None for part in fn.inputs]
        event = {"data": data, "fn_index": fn._id, "session_hash": f"s{fn._id}"}
        assert (
            ask(studio.url, "POST", "/gradio_api/queue/join", json.dumps(event), Content_Type="application/json")[0]
            == 200
        )
        _, _, said = ask(studio.url, "GET", f"/gradio_api/queue/data?session_hash=s{fn._id}")
        assert "was not uploaded by a user" in said
    assert secret.read_text() == "secret"


def test_uploads_are_bounded(studio: OpenStudio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "LARGEST_REQUEST", 10_000)
    send = lambda body, **more: ask(studio.url, "POST", "/gradio_api/upload", body, Content_Type=FORM, **more)  # noqa: E731
    status, _, said = send(upload(size=20_000))
    assert status == 413 and "Send less" in said
    in_pieces = (upload(size=20_000).encode()[start : start + 3_000] for start in range(0, 20_100, 3_000))
    assert send(in_pieces)[0] == 413  # no length is told before
    assert ask(studio.url, "POST", "/gradio_api/upload", upload(), Content_Type=FORM, Content_Length="many")[0] == 400
    monkeypatch.setattr(guard, "MOST_UPLOADS", 0)
    status, _, said = send(upload())
    assert status == 413 and "Too many files" in said


def test_passwords_cannot_be_guessed_quickly(service: StudioService, monkeypatch: pytest.MonkeyPatch) -> None:
    from lineas.ui.server import open_page
    from lineas.ui.studio import build

    blocks = build(Context(service, [], auth=True))
    _, url, _ = open_page(blocks, service, "anna:secret", server_port=free_port(), auth=("anna", "secret"))

    def sign_in(password: str, **headers: str) -> int:
        form = urlencode({"username": "anna", "password": password})
        headers |= {"Content_Type": "application/x-www-form-urlencoded"}
        return ask(url, "POST", "/login", form, **headers)[0]

    try:
        assert sign_in("secret") == 200
        monkeypatch.setattr(guard, "LONGEST_WAIT", 0.0)
        with ThreadPoolExecutor(20) as guessers:
            answers = [*guessers.map(sign_in, map(str, range(60)))]
        assert answers.count(400) == guard.FREE_TRIES and answers.count(429) == 60 - guard.FREE_TRIES
        forwarded = [sign_in(str(i), X_Forwarded_For=f"10.0.0.{i}") for i in range(5)]
        assert forwarded.count(429) == 2  # whoever writes the header could name another address each time
        monkeypatch.setattr(guard, "LONGEST_WAIT", 60.0)
        began = time.monotonic()
        assert sign_in("secret") == 200
        assert time.monotonic() - began > 0.9
    finally:
        blocks.close()


def test_the_delay_grows_and_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    slept: list[float] = []
    now = [1000.0]

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    monkeypatch.setattr(guard.asyncio, "sleep", sleep)
    monkeypatch.setattr(guard.time, "monotonic", lambda: now[0])
    attempts = guard.Attempts()

    async def guess_wrong(times: int) -> None:
        for _ in range(times):
            await attempts.turn("here")
            attempts.wrong("here")

    with ThreadPoolExecutor(1) as apart:  # playwright's loop may run in this thread
        apart.submit(asyncio.run, guess_wrong(10)).result()
        assert slept == [1, 2, 4, 8, 16, 30, 30]
        apart.submit(asyncio.run, attempts.turn("elsewhere")).result()
        now[0] += guard.FORGOTTEN_AFTER + 1
        apart.submit(asyncio.run, guess_wrong(3)).result()
    assert len(slept) == 7
