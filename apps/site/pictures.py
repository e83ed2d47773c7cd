"""Pictures on our pages: those that this site has itself. What lies elsewhere is not fetched by our visitors."""


def is_own(url: str) -> bool:
    return url.startswith(("/static/", "/media/"))
