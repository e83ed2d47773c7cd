"""The supervisor by itself: `python -m project.web.server PROCESSES SOCKET,SOCKET COMMAND...`."""

import socket
import sys

from project.logs import configure_logs
from project.web.server.supervisor import Supervisor

if __name__ == "__main__":
    processes, descriptors, *command = sys.argv[1:]
    configure_logs()
    listening = [socket.socket(fileno=int(each)) for each in descriptors.split(",")]
    sys.exit(Supervisor(command, listening, processes=int(processes)).run())
