"""``lineas serve``: the model and its concepts for programs that speak OpenAI's protocol."""

import argparse
import time
from contextlib import suppress

from lineas.cli.flags import add_model_flag
from lineas.cli.terminal import Terminal
from lineas.errors import LineasError
from lineas.models.local import check_name
from lineas.server.access import KEY_VARIABLE, check_address, chosen_key

HELP = "serve the model and its concepts to other programs, by OpenAI's protocol"
EXAMPLE = """\
  lineas serve
  lineas serve --host 0.0.0.0 --port 8080 --api-key KEY"""
DEFAULT_PORT = 8000


def add_flags(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add_model_flag(parser)
    add("--host", default="127.0.0.1", help="address to listen on (any but this computer's own needs an API key)")
    add("--port", type=int, default=DEFAULT_PORT, help=f"port to listen on (default {DEFAULT_PORT})")
    add(
        "--api-key", metavar="KEY", help=f"what clients must send as their API key (default: ${KEY_VARIABLE}, or none)"
    )


def run(flags: argparse.Namespace, terminal: Terminal) -> None:
    key = chosen_key(flags.api_key)
    check_address(flags.host, flags.port, key)
    check_name(flags.model)

    from lineas.server.concept_names import list_models
    from lineas.server.serve import serve
    from lineas.service.service import StudioService

    service = StudioService(flags.model)
    with suppress(KeyboardInterrupt):
        try:
            service.start()
            with terminal.progress() as progress:
                while (state := service.model_slot.state).phase == "loading":
                    progress(state.sentence, state.fraction)
                    time.sleep(0.1)
            if state.phase != "ready":
                raise LineasError(state.sentence)
            url = f"http://{flags.host}:{flags.port}/v1"
            names = [model["id"] for model in list_models(service)]
            text = f"Serving {', '.join(names)}\nat {url}   (Ctrl+C stops it)"
            terminal.result({"event": "serving", "url": url, "models": names}, text)
            serve(service, flags.host, flags.port, key)
        finally:
            service.close()
