"""OPTIONS names every method of a path. Litestar's own answer names those of the handler registered last."""

from litestar import Response
from litestar.routes import HTTPRoute

from apps.core.http.inputs import refuse_misread
from apps.core.http.rate_limits.limit import limit_of
from apps.core.http.requests import AnyRequest


async def look_first(request: AnyRequest) -> Response[None] | None:
    """Before every handler: None lets it do its work."""
    if request.method == "OPTIONS":
        return Response(None, status_code=204, headers={"Allow": ", ".join(_methods(request))})
    if limit := limit_of(request.route_handler):
        await limit.count(request)
    await refuse_misread(request)
    return None


def _methods(request: AnyRequest) -> list[str]:
    path = request.scope["path_template"]
    routes = [each for each in request.app.routes if isinstance(each, HTTPRoute) and each.path_format == path]
    return sorted({method for route in routes for method in route.route_handler_map})
