"""Raffles on the first screen of the back office."""

from sqlalchemy import select

from apps.backoffice.home import Question
from apps.core.text.i18n import lazy as _
from tests.kinds.raffle.models import Raffle

QUESTIONS = (
    Question(rank=90, title=_("Raffles to be drawn"), found=select(Raffle.id), view="raffle", query={}, is_duty=False),
)
