"""The views of all apps that are installed."""

from collections.abc import Sequence

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
    """Each in the place of the one that it extends; of several, one upon the other, the last. Raises TypeError."""
    bases = [each for each in views if not _among(each.__mro__[1:], views)]
    for each in views:
        if len(_among(each.__mro__, bases)) > 1:
            raise TypeError(f"{each.__qualname__} extends more than one view")
    return [_last(base, views) for base in bases]


def _among(classes: Sequence[type], views: Sequence[type[View]]) -> list[type]:
    return [each for each in classes if each in views]


def _last(base: type[View], views: Sequence[type[View]]) -> type[View]:
    """Its extension that extends all others. Raises TypeError where it would depend on their order which that is."""
    extensions = [each for each in views if issubclass(each, base)]
    for each in extensions:
        if all(issubclass(each, other) for other in extensions):
            return each
    raise TypeError(f"{base.__qualname__} is in more than one extension: extend the one that is there already")
