"""Where the document is served: as JSON, to try out (Swagger UI), and to read."""

from dataclasses import dataclass

import msgspec
from litestar import Controller, Litestar, Response, get

from apps.core.http.requests import CATALOGUE, PUBLIC, AnyRequest
from project.web.openapi.document import document
from project.web.openapi.reference import reference_page, swagger_page


@dataclass(frozen=True, slots=True)
class Docs:
    openapi: bytes
    swagger: str
    reference: str


class DocsController(Controller):
    include_in_schema = False
    cache_control = CATALOGUE
    opt = PUBLIC

    @get("/api/v1/openapi.json")
    async def openapi(self, request: AnyRequest) -> Response[bytes]:
        return Response(docs_of(request.app).openapi, media_type="application/json")

    @get("/docs")
    async def swagger(self, request: AnyRequest) -> Response[str]:
        return Response(docs_of(request.app).swagger, media_type="text/html")

    @get("/docs/reference")
    async def reference(self, request: AnyRequest) -> Response[str]:
        return Response(docs_of(request.app).reference, media_type="text/html")


def docs_of(app: Litestar) -> Docs:
    """Made when first asked for: the routes of an app do not change."""
    if "docs" not in app.state:
        made = document(app)
        app.state.docs = Docs(msgspec.json.encode(made), swagger_page(), reference_page(made))
    docs: Docs = app.state.docs
    return docs
