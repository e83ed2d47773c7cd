#!/usr/bin/env python3
"""Every command of Backline: `python3 manage.py` lists them. Needs nothing but Python 3.11 or newer."""

import sys

from project import bootstrap


def main() -> None:
    bootstrap.ensure_packages(sys.argv)
    # Only now are the packages sure to be there, and only then may the settings be read.
    from project.environment import prepare

    prepare(sys.argv[1:])
    from project.commands import main as run

    run()


if __name__ == "__main__":
    main()
