"""What browsers and search engines ask for by themselves."""

from litestar import Controller, get
from litestar.response import Redirect

from apps.core.http.requests import PUBLIC


class BrowserController(Controller):
    include_in_schema = False
    opt = PUBLIC

    @get("/robots.txt", media_type="text/plain", sync_to_thread=False)
    def robots(self) -> str:
        hidden = "".join(f"Disallow: {path}\n" for path in ("/cart", "/checkout", "/orders/", "/demo/", "/api/"))
        return f"User-agent: *\n{hidden}"

    @get("/favicon.ico", sync_to_thread=False)
    def favicon(self) -> Redirect:
        return Redirect("/static/site/favicon.svg", status_code=301)
