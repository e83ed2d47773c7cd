"""The views of all apps that are installed."""

from collections import Counter
from collections.abc import Sequence
from itertools import chain

from apps.backoffice.views.base import View
from apps.core.installed import defined_in, installed_apps, modules


def admin_views() -> list[type[View]]:
    """Those of every app's `admin`: the apps from the top down, as the menu has them.

    One that an app above extends, by a subclass, is that app's; it keeps its place. Raises TypeError.
    """
    top_down = tuple(reversed(installed_apps()))
    found = [
        each for module in modules("admin", top_down) for each in defined_in(module, View) if hasattr(each, "model")
    ]
    return extended(found)


def extended(views: Sequence[type[View]]) -> list[type[View]]:
    """Each in the place of the one that it extends. Raises TypeError where it depends on their order which that is."""
    pairs = [(base, each) for each in views for base in each.__mro__[1:] if base in views]
    for view, times in Counter(chain.from_iterable(pairs)).items():
        if times > 1:
            raise TypeError(f"{view.__qualname__} is in more than one extension: extend a view once, and only that one")
    by_base = dict(pairs)
    return [by_base.get(each, each) for each in views if each not in by_base.values()]
