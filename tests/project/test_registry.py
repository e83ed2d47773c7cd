"""What the registry makes of the apps' offers."""

import pytest

from apps.orders.admin import PoolAdmin
from project import registry


class Above(PoolAdmin):
    """As an app above extends it."""


class Beside(PoolAdmin):
    """As another one would."""


class OnTop(Above):
    """As one above both would."""


def test_a_view_that_is_extended_keeps_its_place() -> None:
    assert registry.extended([Above, PoolAdmin]) == [Above]
    assert len(registry.admin_views()) == len(set(registry.admin_views()))


@pytest.mark.parametrize("views", [[Above, Beside, PoolAdmin], [OnTop, Above, PoolAdmin]])
def test_it_is_refused_where_the_order_would_decide(views: list) -> None:
    for each in (views, views[::-1]):
        with pytest.raises(TypeError, match="is in more than one extension"):
            registry.extended(each)
