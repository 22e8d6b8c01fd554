"""Who may use a server: its API key, and where it may listen without one."""

import os

from lineas.errors import LineasError
from lineas.server.network import check_port, is_loopback

KEY_VARIABLE = "LINEAS_API_KEY"


def chosen_key(flag: str | None) -> str | None:
    """The API key of the command line, or else that of the environment; None if there is none.

    Raises:
        LineasError: one that no client could send.
    """
    key = flag if flag is not None else os.environ.get(KEY_VARIABLE) or None
    if key is not None and (not key.strip() or key != key.strip() or not key.isascii()):
        raise LineasError("An API key is a word of letters, digits and signs, without spaces around it.")
    return key


def check_address(host: str, port: int, api_key: str | None) -> None:
    """Check that a server may listen there.

    Raises:
        LineasError: others could reach it without a key, or the port is in use.
    """
    if api_key is None and not is_loopback(host):
        raise LineasError(
            f"Other people could reach the server at {host}, so it needs a key: add --api-key KEY, or put it into the "
            f"environment variable {KEY_VARIABLE}, or leave out --host to keep it on this computer."
        )
    check_port(host, port)
