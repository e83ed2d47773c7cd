"""How many guesses a password would stand, as zxcvbn estimates it.

zxcvbn takes seconds for long texts full of signs that may stand for letters, and holds the interpreter's lock
meanwhile. It is asked about 24 characters at a time, with few such signs: some milliseconds at most.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from zxcvbn_rs_py import Entropy, Warning, zxcvbn

from apps.accounts.passwords.names import is_made_of
from apps.accounts.passwords.spelling import in_latin, on_the_other_keyboard

ENOUGH = 8.0
"""10^8 guesses: where zxcvbn's score 3, "safely unguessable", begins, so that eight random characters just pass."""
AT_A_TIME = 24
RUSSIAN_WORDS = Path(__file__).with_name("russian_words.txt")
ONE_RUSSIAN_WORD = re.compile(r"[\W\d_]*[а-яё]{1,16}[\W\d_]*")
"""zxcvbn has no Russian dictionary, and takes each letter for a random one."""
COMMON = (
    Warning.ThisIsATop10Password,
    Warning.ThisIsATop100Password,
    Warning.ThisIsACommonPassword,
    Warning.ThisIsSimilarToACommonlyUsedPassword,
)
SIGNS, DIGITS = "@({[<!|$+%", "4836910572"
"""What may stand for letters, and what it stands for."""
FOR_LETTERS = str.maketrans(SIGNS + DIGITS, "accccilstxabegglostz")
FOR_NOTHING = str.maketrans({sign: chr(0xE000 + 37 * number) for number, sign in enumerate(SIGNS)})
"""Characters that zxcvbn knows nothing about."""
MANY = 5


def is_common(password: str, names: Sequence[str]) -> bool:
    """Of a password that is easy: it, or one like it, stands on the list of those that are tried first."""
    found = (_estimate(form, names).feedback for form in _forms(password[:AT_A_TIME]))
    warned = any(each is not None and each.warning in COMMON for each in found)
    return warned or is_made_of(sorted(_russian_words(), key=len, reverse=True), password)


def is_easy(password: str, names: Sequence[str]) -> bool:
    """Whether no part of it stands enough guesses, by whoever knows `names`."""
    if ONE_RUSSIAN_WORD.fullmatch(password.casefold()):
        return True
    parts = (password[at : at + AT_A_TIME] for at in range(0, len(password), AT_A_TIME))
    return all(any(_estimate(form, names).guesses_log10 < ENOUGH for form in _forms(part)) for part in parts)


def _forms(part: str) -> Iterator[str]:
    """In which an attacker might have it on a list."""
    for form in (part, on_the_other_keyboard(part)):
        if sum(sign in form for sign in SIGNS + DIGITS) > MANY:
            yield form.translate(FOR_NOTHING)
            yield form.translate(FOR_LETTERS)
        else:
            yield form


def _estimate(part: str, names: Sequence[str]) -> Entropy:
    return zxcvbn(part, [*names, *_russian_words()])


@cache
def _russian_words() -> Sequence[str]:
    """The commonest first, in Russian and Latin letters."""
    words = RUSSIAN_WORDS.read_text(encoding="utf-8").split()
    return list(dict.fromkeys(form for word in words for form in (word, in_latin(word))))
