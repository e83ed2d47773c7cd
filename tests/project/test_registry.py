"""What the registry makes of the apps' offers."""

import subprocess
import sys

import pytest

from apps.inventory.admin import PoolAdmin
from apps.orders.admin import OfferAdmin
from project import registry
from project.settings import ROOT

FOUND_AND_MISSED = """
import pkgutil
from importlib import import_module

import apps
from apps.core.events import LISTENERS, SUBSCRIBERS
from apps.core.jobs import JOBS
from project import registry

def known():
    heard = {(kind.__name__, each.__module__) for kind, those in LISTENERS.items() for each in those}
    return {*JOBS, *heard, *((kind.__name__, each.name) for kind, jobs in SUBSCRIBERS.items() for each in jobs)}

registry.load()
found = known()
for each in pkgutil.walk_packages(apps.__path__, "apps."):
    import_module(each.name)
print(len(found), known() - found)
"""


class Above(PoolAdmin):
    """As an app above extends it."""


class Beside(PoolAdmin):
    """As another one would."""


class OnTop(Above):
    """As an app above that one does."""


class OfTwo(PoolAdmin, OfferAdmin):
    """Nobody can say which of the two this is."""


def test_a_view_that_is_extended_keeps_its_place() -> None:
    assert registry.extended([Above, PoolAdmin]) == [Above]
    assert registry.extended([OnTop, Above, PoolAdmin]) == registry.extended([PoolAdmin, Above, OnTop]) == [OnTop]


def test_every_view_is_found_once() -> None:
    """Many tests go through all of them: with none there they would be content."""
    assert {view.identity for view in registry.admin_views()} >= {"concert", "order", "pool", "product", "role", "user"}
    assert len(registry.admin_views()) == len(set(registry.admin_views()))


@pytest.mark.parametrize("views", [[Above, Beside, PoolAdmin], [OnTop, Beside, Above, PoolAdmin]])
def test_it_is_refused_where_the_order_would_decide(views: list) -> None:
    for each in (views, views[::-1]):
        with pytest.raises(TypeError, match="is in more than one extension"):
            registry.extended(each)


def test_a_view_is_an_extension_of_one() -> None:
    with pytest.raises(TypeError, match="extends more than one view"):
        registry.extended([OfTwo, PoolAdmin, OfferAdmin])


def test_a_worker_knows_every_job_and_listener() -> None:
    """Without the pages and the back office, which import more of the apps than a worker does."""
    told = subprocess.run(
        [sys.executable, "-c", FOUND_AND_MISSED], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found, missed = told.stdout.split(maxsplit=1)
    assert int(found) > 40
    assert missed == "set()\n"
