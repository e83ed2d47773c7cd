"""Failed fetches of remote pictures, on the first screen of the back office."""

from sqlalchemy import select

from apps.backoffice.home import Question
from apps.core.text.i18n import lazy as _
from apps.media.fetching.models import FetchState, PictureFetch

QUESTIONS = (
    Question(
        rank=50,
        title=_("Images that could not be downloaded"),
        found=select(PictureFetch.id).where(PictureFetch.state == FetchState.failed),
        view="picture-fetch",
        query={"state": FetchState.failed},
        is_duty=False,
    ),
)
