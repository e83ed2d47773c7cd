"""Form fields between HTML and JSON: `data` is what the API's schemas take, so that one schema decides what is right.

`kind` chooses the macro that draws it (templates/backoffice/_fields.html); `help` is a sentence below the label.
"""

from apps.backoffice.fields.choices import Choice, Choices, Permissions, Reference, Switch, Words
from apps.backoffice.fields.numbers import Decimals, Moment, Money, Number
from apps.backoffice.fields.rows import LANGUAGES, Keyed, OptionalRow, Row, Rows, TextsForm, Translations
from apps.backoffice.fields.text import File, Files, Hidden, Input, LongText, Password, Picture, Slug

__all__ = [
    "LANGUAGES",
    "Choice",
    "Choices",
    "Decimals",
    "File",
    "Files",
    "Hidden",
    "Input",
    "Keyed",
    "LongText",
    "Moment",
    "Money",
    "Number",
    "OptionalRow",
    "Password",
    "Permissions",
    "Picture",
    "Reference",
    "Row",
    "Rows",
    "Slug",
    "Switch",
    "TextsForm",
    "Translations",
    "Words",
]
