"""Addresses and ports: who can reach them, and whether a server may listen there."""

import errno
import ipaddress
import os
import socket

from lineas.errors import LineasError

DEFAULT_PORT, LAST_PORT = 7860, 65535
ANYWHERE = ("0.0.0.0", "::")
BAD_PORT = "A port is a number from 1 to 65535, not {port}."
PORT_BUSY = "Port {port} is in use by another program (perhaps the studio is already open). Start it with --port {other} instead."
PORT_REFUSED = "This computer does not let the studio use {host} port {port}: {reason}. Try --port {other}."


def is_loopback(host: str) -> bool:
    """Whether only this computer can reach the address."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def allowed_hosts(host: str, share: bool) -> list[str]:
    """Host names under which the page may be requested.

    They keep out a web page elsewhere that points its own name at this computer (DNS rebinding). A studio that listens everywhere
    allows all names, because its sign-in protects it.
    """
    if host in ANYWHERE:
        return ["*"]
    names = ["127.0.0.1", "localhost", "[::1]"] if is_loopback(host) else [host, "127.0.0.1", "localhost"]
    return names + (["*.gradio.live"] if share else [])


def check_port(host: str, port: int) -> None:
    """Raise LineasError if the studio cannot listen there."""
    if not 1 <= port <= LAST_PORT:
        raise LineasError(BAD_PORT.format(port=port))
    try:
        _try_to_listen(host, port)
    except OSError as error:
        other = _free_port(host, port)
        busy = PORT_BUSY if error.errno == errno.EADDRINUSE else PORT_REFUSED
        raise LineasError(busy.format(host=host, port=port, reason=error.strerror, other=other)) from None


def _try_to_listen(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        if os.name == "posix":  # a port whose last user just left is free; on Windows this flag would allow a busy one
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))


def _free_port(host: str, port: int) -> int:
    """The next free port."""
    for other in range(max(port + 1, 1024), min(port + 200, LAST_PORT + 1)):
        try:
            _try_to_listen(host, other)
            return other
        except OSError:
            continue
    return DEFAULT_PORT
