"""All films."""

from litestar import Response, get

from apps.core.http.requests import AnyRequest, Reads
from apps.site.pages import SiteController, site_page


class FilmListController(SiteController):
    path = "/films"

    @get("/")
    async def show(self, request: AnyRequest, reads: Reads) -> Response[str]:
        return await site_page(request, reads, "site/films/films.html")
