"""A Hugging Face hub on this computer to which small repositories can be pushed."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from fake_hub import entry
from huggingface_hub import constants

TOKEN = "hf_right"


@dataclass
class Hub:
    """A hub whose repositories are folders, ``anna/pirate`` below ``folder``.

    Attributes:
        tokens: what each request showed, None for nothing.
        private: repositories that were made for their owner only.
    """

    folder: Path
    address: str = ""
    tokens: list[str | None] = field(default_factory=list)
    private: list[str] = field(default_factory=list)
    pushes: int = 0

    @property
    def commit(self) -> str:
        """Hash of the newest commit of all repositories."""
        return hashlib.sha1(b"%d" % self.pushes).hexdigest()


@contextmanager
def writable_hub(folder: Path) -> Iterator[Hub]:
    """Serve the account "anna", whose token is ``TOKEN``."""
    hub = Hub(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            parts = self.path.partition("?")[0].strip("/").split("/")
            if self.token() != TOKEN:
                self.send(401, {"error": "Invalid username or password."})
            elif parts[:3] == ["api", "repos", "create"]:
                asked = json.loads(body)
                name = f"{asked.get('organization') or 'anna'}/{asked['name']}"
                if not name.startswith("anna/"):
                    self.send(403, {"error": "You don't have the rights to create a model under this namespace"})
                    return
                (folder / name).mkdir(parents=True, exist_ok=True)
                if asked.get("private") or asked.get("visibility") == "private":
                    hub.private.append(name)
                self.send(200, {"url": f"{hub.address}/{name}", "id": name, "name": name})
            elif parts[-2] == "preupload":
                files = [file["path"] for file in json.loads(body)["files"]]
                self.send(200, {"files": [{"path": f, "uploadMode": "regular", "shouldIgnore": False} for f in files]})
            elif parts[-2] == "commit":
                name = "/".join(parts[2:4])
                hub.pushes += 1
                for line in map(json.loads, body.splitlines()):
                    if line["key"] == "file":
                        (folder / name / line["value"]["path"]).write_bytes(base64.b64decode(line["value"]["content"]))
                self.send(200, {"commitUrl": f"{hub.address}/{name}/commit/{hub.commit}", "commitOid": hub.commit})
            else:  # validate-yaml
                self.send(200, {"errors": [], "warnings": []})

        def do_GET(self) -> None:
            parts = self.path.partition("?")[0].strip("/").split("/")
            token = self.token()
            described = parts[:2] == ["api", "models"]
            name = "/".join(parts[2:4] if described else parts[:2])
            if parts[:2] == ["api", "whoami-v2"]:
                self.send(*((200, {"name": "anna", "type": "user"}) if token == TOKEN else (401, {"error": "who?"})))
            elif not (folder / name).is_dir() or (name in hub.private and token != TOKEN):
                self.send(401 if token is None else 404, {}, {"X-Error-Code": "RepoNotFound"})
            elif described and "tree" in parts:
                self.send(200, [entry(file) for file in sorted((folder / name).iterdir())])
            elif described:
                self.send(200, {"id": name, "sha": hub.commit, "siblings": []})
            elif not (file := folder / name / parts[-1]).is_file():
                self.send(404, {}, {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": hub.commit})
            else:
                content = file.read_bytes()
                self.send(
                    200, content, {"ETag": f'"{hashlib.sha1(content).hexdigest()}"', "X-Repo-Commit": hub.commit}
                )

        do_HEAD = do_GET

        def token(self) -> str | None:
            shown = self.headers.get("Authorization")
            hub.tokens.append(shown.removeprefix("Bearer ") if shown else None)
            return hub.tokens[-1]

        def send(self, status: int, content: object, headers: dict[str, str] | None = None) -> None:
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            kind = {"Content-Type": "application/json", "Content-Length": str(len(body))}
            for key, value in {**kind, **(headers or {})}.items():
                self.send_header(key, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()


def use_hub(address: str, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process use the hub at an address, without the token of whoever runs the tests."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(cache / "token"))
    monkeypatch.setattr(constants, "ENDPOINT", address)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", address + "/{repo_id}/resolve/{revision}/{filename}")
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
