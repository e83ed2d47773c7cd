"""Passwords that are made of names: of the account's, the band's, or the site's."""

import re
from collections.abc import Iterable

from apps.accounts.passwords.spelling import in_latin, on_the_other_keyboard

WORD = re.compile(r"[^\W_]+")
SHORTEST = 3
"""Letters of a name that count; fewer stand in many words by chance."""
FEWEST_OF_ITS_OWN = 4
"""Letters that a password must have besides names."""


def words_of(names: Iterable[str]) -> list[str]:
    """Each once, in small letters, and Russian ones in Latin letters too; the longest first."""
    words = {word for name in names for word in WORD.findall(name.casefold())}
    words |= set(map(in_latin, words))
    return sorted((word for word in words if len(word) >= SHORTEST and not word.isdigit()), key=len, reverse=True)


def is_made_of(words: Iterable[str], password: str) -> bool:
    """Names with digits and punctuation around them, on whichever keyboard."""
    names = re.compile("|".join(map(re.escape, words)) or r"(?!)")
    return any(_has_little_besides(names, form) for form in (password, on_the_other_keyboard(password)))


def _has_little_besides(names: re.Pattern[str], password: str) -> bool:
    rest, found = names.subn("", "".join(WORD.findall(password.casefold())))
    return found > 0 and sum(map(str.isalpha, rest)) < FEWEST_OF_ITS_OWN
