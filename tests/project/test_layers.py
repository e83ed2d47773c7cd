"""What import-linter cannot see: foreign keys point down the floors of the design too."""

from apps.core.db.database import Base
from project.settings import INSTALLED_APPS

FLOORS = [
    {"core"},
    {"mail"},
    {"accounts"},
    {"media"},
    {"backoffice"},
    {"imports", "jobs", "privacy"},
    {"payments"},
    {"inventory"},
    {"orders"},
    {"checkout"},
    {"invoices"},
    {"shop", "concerts"},
    {"box_office"},
    {"site", "reports", "webhooks"},
]


def floor_of(app: str) -> int:
    return next(number for number, apps in enumerate(FLOORS) if app in apps)


def app_of_table() -> dict[str, str]:
    return {mapper.local_table.name: mapper.class_.__module__.split(".")[1] for mapper in Base.registry.mappers}


def test_every_installed_app_has_a_floor() -> None:
    assert {app.split(".")[1] for app in INSTALLED_APPS} == {app for floor in FLOORS for app in floor}


def test_foreign_keys_point_down() -> None:
    owners = app_of_table()
    assert owners.keys() >= Base.metadata.tables.keys() >= {"orders", "pool", "product"}
    for table in Base.metadata.tables.values():
        for key in table.foreign_keys:
            here, there = owners[table.name], owners[key.column.table.name]
            assert here == there or floor_of(there) < floor_of(here), f"{table.name} → {key.column.table.name}"
