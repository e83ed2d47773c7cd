"""The demo band is on tour, and says so in its fans' languages."""

from sqlalchemy import func, select, update

from apps.concerts.models import Concert, Tour
from apps.concerts.scheduling.concerts import add_tour
from apps.concerts.staff_schemas import TourIn
from apps.core.db.database import Database
from apps.core.text.translations import Texts
from project.settings import settings

TITLES = {"en": "Night Crossing", "ru": "Ночной рейс"}
SLUG = "night-crossing"
ACTOR = "demo"


async def load_tour(db: Database) -> None:
    """Every concert that is to come belongs to it; once there is a tour nothing changes."""
    others = {locale: Texts(title=title) for locale, title in TITLES.items() if locale != settings.locale}
    wanted = TourIn(title=TITLES[settings.locale], slug=SLUG, translations=others)
    async with db.begin() as session:
        if await session.scalar(select(func.count()).select_from(Tour)):
            return
        tour = await add_tour(session, wanted, actor=ACTOR)
        to_come = update(Concert).where(Concert.starts_at > func.now())
        await session.execute(to_come.values(tour_id=tour.id).execution_options(synchronize_session=False))
