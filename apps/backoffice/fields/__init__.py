"""Form fields between HTML and JSON: `data` is what the API's schemas take, so that one schema decides what is right.

`kind` chooses the macro that draws it (templates/backoffice/_fields.html); `help` is a sentence below the label.
"""

from apps.backoffice.fields.choices import Choice, Choices, CommaSeparated, Permissions, Reference, Switch
from apps.backoffice.fields.numbers import DateTime, Decimals, Money, Number
from apps.backoffice.fields.rows import LANGUAGES, Keyed, OptionalRow, Row, Rows, TextsForm, Translations
from apps.backoffice.fields.text import File, Files, Hidden, Input, LongText, Password, Picture, Slug

__all__ = [
    "LANGUAGES",
    "Choice",
    "Choices",
    "CommaSeparated",
    "DateTime",
    "Decimals",
    "File",
    "Files",
    "Hidden",
    "Input",
    "Keyed",
    "LongText",
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
]
