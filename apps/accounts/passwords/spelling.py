"""The same text in other ways of writing: normalised, on the other keyboard layout, in Latin letters."""

from unicodedata import normalize

LATIN = "`qwertyuiop[]asdfghjkl;'zxcvbnm,." + '~QWERTYUIOP{}ASDFGHJKL:"ZXCVBNM<>'
RUSSIAN = "ёйцукенгшщзхъфывапролджэячсмитьбю" + "ЁЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ"
TO_RUSSIAN, TO_LATIN = str.maketrans(LATIN, RUSSIAN), str.maketrans(RUSSIAN, LATIN)
SPELLED_OUT = str.maketrans(
    dict(zip("абвгдезийклмнопрстуфыэ", "abvgdeziyklmnoprstufye", strict=True))
    | {"ё": "e", "ж": "zh", "х": "h", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sch", "ъ": "", "ь": "", "ю": "yu"}
    | {"я": "ya"}
)


def normal(text: str) -> str:
    """The same characters, whatever keyboard composed them (NIST SP 800-63B-4, 3.1.1.2)."""
    return normalize("NFKC", text)


def on_the_other_keyboard(text: str) -> str:
    """gfhjkm as пароль, and пароль as gfhjkm: what the same keys write."""
    return text.translate(TO_RUSSIAN if text.isascii() else TO_LATIN)


def in_latin(text: str) -> str:
    """A small-lettered Russian word as people write it in Latin letters; what is in those stays."""
    return text.translate(SPELLED_OUT)
