"""The front page."""

from litestar import Response, get

from apps.core.http.requests import AnyRequest, Reads, locale_of
from apps.site.pages import SiteController, site_page
from apps.site.sections import all_sections


class FrontPageController(SiteController):
    path = "/"

    @get("/")
    async def show(self, request: AnyRequest, reads: Reads) -> Response[str]:
        locale = locale_of(request)
        found = [(each.template, await each.find(reads, locale)) for each in all_sections()]
        return await site_page(request, reads, "site/front_page/front_page.html", sections=found)
