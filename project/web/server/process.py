"""One web process, as the supervisor starts it: `python -m project.web.server.process web LIFELINE SOCKET...`.

A fresh interpreter each time, so that a renewed process has the code and the settings of today.
"""

import sys

from project.app import create_app
from project.serve import WITH_WORKER, calmed, refuse_bad_start
from project.web.server.lifeline import serve_inherited


def main() -> None:
    what, *inherited = sys.argv[1:]
    refuse_bad_start()
    serve_inherited(calmed(create_app(with_worker=what == WITH_WORKER)), inherited)


if __name__ == "__main__":
    main()
