"""A fake Hugging Face hub on this computer, which serves folders and knows gated models."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMMIT = "c0ffee" * 6 + "c0ff"


@contextmanager
def fake_hub(models: dict[str, Path], gated: frozenset[str] = frozenset()) -> Iterator[tuple[str, list[str]]]:
    """Serve models by their ids; yield the hub's address and the list of files that were requested."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0].strip("/")
            api = path.startswith("api/models/")
            name = "/".join(path.removeprefix("api/models/").split("/")[:2])
            rest = path.removeprefix("api/models/").removeprefix(name).strip("/").split("/")
            if name not in models:
                self.refuse(401, "RepoNotFound")
            elif api and rest[0] == "tree":
                self.send_json([entry(file) for file in sorted(models[name].iterdir())])
            elif api:
                self.send_json(description(name, models[name], name in gated))
            elif name in gated:
                self.refuse(403, "GatedRepo")
            else:
                asked.append(rest[-1])
                self.send_file(models[name] / rest[-1])

        do_HEAD = do_GET

        def refuse(self, status: int, code: str) -> None:
            self.send_response(status)
            self.send_header("X-Error-Code", code)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def send_json(self, content: object) -> None:
            self.send_body(json.dumps(content).encode(), {"Content-Type": "application/json"})

        def send_file(self, file: Path) -> None:
            headers = {"ETag": f'"{entry(file)["oid"]}"', "X-Repo-Commit": COMMIT}
            self.send_body(file.read_bytes(), headers)

        def send_body(self, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(200)
            for key, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(key, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


def description(name: str, folder: Path, gated: bool) -> dict[str, object]:
    files = [{"rfilename": file.name, "size": file.stat().st_size} for file in sorted(folder.iterdir())]
    more = {"cardData": {"license": "apache-2.0"}, "gated": "manual" if gated else False}
    return {
        "id": name,
        "sha": COMMIT,
        "siblings": files,
        "safetensors": {"parameters": {"F32": 1234}, "total": 1234},
        **more,
    }


def entry(file: Path) -> dict[str, object]:
    content = file.read_bytes()
    return {"type": "file", "path": file.name, "size": len(content), "oid": hashlib.sha1(content).hexdigest()}
