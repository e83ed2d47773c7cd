"""Asks a server, in the protocol's own words, whether it takes connections.

A bare connect() succeeds for a moment after the server was killed, and an SSLRequest is answered even by a server that
is going down; a whole log-in is not. (PostgreSQL documentation, "Message Flow" and "Message Formats".)
"""

import re
import socket
import struct
from pathlib import Path

READY = "00000"
ABSENT = "no server"
STARTING_OR_STOPPING = "57P03"
NO_SUCH_DATABASE = "3D000"

_PROTOCOL = 3 << 16
_READY_FOR_QUERY = b"Z\0\0\0\x05I"
_SQLSTATE = re.compile(rb"\0C([0-9A-Z]{5})\0")
_PATIENCE = 5.0


def probe(path: Path, *, user: str, database: str) -> str:
    """READY, ABSENT, or the SQLSTATE with which the server at the socket `path` refuses."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(_PATIENCE)
            connection.connect(str(path))
            connection.sendall(_log_in(user, database))
            return _outcome(connection)
    except OSError:
        return ABSENT


def _log_in(user: str, database: str) -> bytes:
    body = struct.pack("!i", _PROTOCOL) + f"user\0{user}\0database\0{database}\0\0".encode()
    return struct.pack("!i", len(body) + 4) + body


def _outcome(connection: socket.socket) -> str:
    answer = b""
    while chunk := connection.recv(4096):
        answer += chunk
        if answer.endswith(_READY_FOR_QUERY):
            return READY
    refusal = _SQLSTATE.search(answer)
    return refusal[1].decode() if refusal else ABSENT
