"""The sockets that are listened on: of our own, or handed to us by who started us."""

import errno
import os
import socket
from collections.abc import MutableMapping

FIRST_HANDED = 3
"""By systemd's protocol (sd_listen_fds), which others speak too."""
BACKLOG = 2048


def listening_sockets(host: str, port: int, environ: MutableMapping[str, str] = os.environ) -> list[socket.socket]:
    """Those of LISTEN_FDS, else one at `host` and `port`. SystemExit when that cannot be had."""
    return handed_sockets(environ) or [_bound(host, port)]


def handed_sockets(environ: MutableMapping[str, str] = os.environ) -> list[socket.socket]:
    """Whoever handed them keeps them: between our end and our next start, connections wait there."""
    is_ours = environ.pop("LISTEN_PID", "") == str(os.getpid())
    number = int(environ.pop("LISTEN_FDS", "0"))
    environ.pop("LISTEN_FDNAMES", None)
    return [socket.socket(fileno=FIRST_HANDED + each) for each in range(number)] if is_ours else []


def refuse_taken_port(host: str, port: int) -> None:
    """Long before it is listened on: who starts a second demo is told at once."""
    if "LISTEN_FDS" not in os.environ:
        _bound(host, port, listen=False).close()


def _bound(host: str, port: int, *, listen: bool = True) -> socket.socket:
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # uvloop sets it on each connection, asyncio does not
    try:
        made.bind((host, port))
        if listen:
            made.listen(BACKLOG)
    except OSError as error:
        made.close()
        raise SystemExit(_sentence(host, port, error)) from None
    return made


def _sentence(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is taken. Stop what runs there, or choose another: --port {port + 1}"
    return f"Cannot listen on {host}, port {port}: {error.strerror or error}"
