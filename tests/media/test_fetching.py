"""Pictures that lie elsewhere become ours: from public addresses alone, bounded, tried again, given up in the end."""

import asyncio
from collections.abc import AsyncIterator
from ipaddress import ip_address
from typing import Any

import pytest

from apps.core.db.database import Database
from apps.core.jobs import drain
from apps.media.fetching import download as downloading
from apps.media.fetching import fetches
from apps.media.fetching.download import download, may_be_asked
from apps.media.fetching.problems import CannotFetch
from tests.journeys.customer import sql
from tests.media.elsewhere import Elsewhere, endless, file, silent, site_elsewhere, status
from tests.media.files import bomb, picture
from tests.media.gallery import Gallery
from tests.staff_api import StaffApi

pytestmark = pytest.mark.anyio
HOSTS = {"pictures.example": "127.0.0.1"}


@pytest.fixture
async def site() -> AsyncIterator[Elsewhere]:
    async with site_elsewhere() as made:
        yield made


@pytest.fixture
def reachable(monkeypatch: pytest.MonkeyPatch, site: Elsewhere) -> None:
    """Only the site of the test counts as public, at its very port."""
    loopback = ip_address("127.0.0.1")
    monkeypatch.setattr(downloading, "may_be_asked", lambda address, port: (address, port) == (loopback, site.port))


async def failure(url: str, *, most: int = 1024**2) -> str:
    with pytest.raises(CannotFetch) as raised:
        await download(url, most=most)
    return raised.value.reason


class TestWhatMayBeAsked:
    @pytest.mark.parametrize(
        "address",
        [
            *("127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1"),
            *(
                "169.254.169.254",
                "168.63.129.16",
                "192.0.0.1",
                "198.18.0.1",
                "224.0.0.1",
                "240.0.0.1",
                "255.255.255.255",
            ),
            *("::1", "::", "fe80::1", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "2001:db8::1"),
            *("::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::1"),
            *("2001:0:4136:e378:8000:63bf:80ff:fffe", "::7f00:1", "64:ff9b:1::1"),
        ],
    )
    def test_nothing_within_networks(self, address: str) -> None:
        assert not may_be_asked(ip_address(address), 443)

    @pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808"])
    def test_what_the_whole_world_reaches(self, address: str) -> None:
        assert may_be_asked(ip_address(address), 443)
        assert not may_be_asked(ip_address(address), 5432)

    @pytest.mark.parametrize(
        "host",
        ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]"],
    )
    async def test_no_spelling_leads_in(self, site: Elsewhere, host: str) -> None:
        assert await failure(site.url("/", host=host)) in ("not-public", "no-such-host", "no-address")
        assert site.asked == []

    @pytest.mark.parametrize(
        "url", ["ftp://example.org/x", "file:///etc/passwd", "https://", "http://a:b@example.org/", "http://[::1", "x"]
    )
    async def test_only_addresses_of_the_web(self, url: str) -> None:
        assert await failure(url) == "no-address"

    async def test_one_inner_address_among_others_is_enough(self, monkeypatch: pytest.MonkeyPatch) -> None:
        answers(monkeypatch, ["8.8.8.8", "10.0.0.1"])
        assert await failure("http://pictures.example/") == "not-public"


def answers(monkeypatch: pytest.MonkeyPatch, *lookups: list[str]) -> list[str]:
    """What a name means, one time after the other; the hosts that were asked for."""
    asked: list[str] = []
    left = list(lookups)

    async def look_up(host: str, port: int) -> Any:
        asked.append(host)
        return [ip_address(each) for each in left.pop(0)]

    monkeypatch.setattr(downloading, "look_up", look_up)
    return asked


@pytest.mark.usefixtures("reachable")
class TestDownload:
    async def test_brings_the_bytes_and_says_who_is_meant(
        self, site: Elsewhere, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked = answers(monkeypatch, ["127.0.0.1"])
        site.answers["/a.jpg"] = file(b"picture")
        assert await download(site.url("/a.jpg", host="pictures.example"), most=100) == b"picture"
        assert f"host: pictures.example:{site.port}" in site.asked[0].lower()
        assert asked == ["pictures.example"]

    async def test_a_name_that_means_another_address_then_is_not_asked_again(
        self, site: Elsewhere, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """DNS rebinding: the address that was checked is the one that is connected to."""
        asked = answers(monkeypatch, ["127.0.0.1"], ["10.0.0.1"])
        site.answers["/a.jpg"] = file(b"picture")
        assert await download(site.url("/a.jpg", host="pictures.example"), most=100) == b"picture"
        assert len(asked) == 1

    async def test_each_redirect_is_checked_again(self, site: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
        answers(monkeypatch, ["127.0.0.1"], ["169.254.169.254"])
        site.answers["/a.jpg"] = status(302, Location=f"http://metadata.example:{site.port}/latest")
        assert await failure(site.url("/a.jpg", host="pictures.example")) == "not-public"
        assert site.paths == ["/a.jpg"]

    @pytest.mark.parametrize("where", ["file:///etc/passwd", "gopher://127.0.0.1/", "http://", "//[", "https://a:b@c/"])
    async def test_no_redirect_leads_off_the_web(self, site: Elsewhere, where: str) -> None:
        site.answers["/a.jpg"] = status(302, Location=where)
        await failure(site.url("/a.jpg"))
        assert site.paths == ["/a.jpg"]

    async def test_redirects_are_followed_and_bounded(self, site: Elsewhere) -> None:
        site.answers |= {f"/{n}": status(301, Location=f"/{n + 1}") for n in range(7)}
        site.answers["/7"] = file(b"picture")
        assert await download(site.url("/2"), most=100) == b"picture"
        assert await failure(site.url("/1")) == "too-many-redirects"

    async def test_no_more_bytes_are_read_than_may_come(self, site: Elsewhere) -> None:
        site.answers["/a.jpg"] = endless(b"\xff\xd8")
        assert await failure(site.url("/a.jpg"), most=1000) == "too-large"

    async def test_time_is_bounded(self, site: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(downloading, "PATIENCE", 0.01)
        released = asyncio.Event()
        site.answers["/a.jpg"] = silent(released)
        assert await failure(site.url("/a.jpg")) == "too-slow"
        released.set()

    @pytest.mark.parametrize(
        ("answer", "reason"),
        [
            (status(404), "refused"),
            (status(403), "refused"),
            (status(204), "refused"),
            (status(429), "failed-there"),
            (status(500), "failed-there"),
            (b"nonsense\r\n\r\n", "unreachable"),
            (b"", "unreachable"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", "unreachable"),
        ],
    )
    async def test_what_went_wrong_has_a_reason(self, site: Elsewhere, answer: bytes, reason: str) -> None:
        site.answers["/a.jpg"] = answer
        assert await failure(site.url("/a.jpg")) == reason

    async def test_nobody_there(self, site: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(downloading, "may_be_asked", lambda address, port: True)
        assert await failure("http://127.0.0.1:1/") == "unreachable"
        assert await failure("http://nowhere.invalid/") == "no-such-host"


async def fetched(db: Database) -> Any:
    [row] = await sql(db, "SELECT state, tries, reason, detail, try_at > clock_timestamp() AS later FROM picture_fetch")
    return row


async def shirt(staff_api: StaffApi, *urls: str) -> dict[str, Any]:
    """As other programs add one. Its pictures are fetched by a job."""
    return await staff_api.add(
        "/products", {"title": "Shirt", "images": [{"url": url, "alt": "A shirt"} for url in urls]}
    )


async def shown(staff_api: StaffApi, product: dict[str, Any]) -> list[str]:
    return [each["url"] for each in (await staff_api.get(f"/products/{product['id']}"))["images"]]


@pytest.mark.usefixtures("reachable")
class TestProducts:
    async def test_show_our_own_once_it_is_fetched(
        self, site: Elsewhere, staff_api: StaffApi, gallery: Gallery, db: Database
    ) -> None:
        site.answers["/a.jpg"] = file(picture())
        product = await shirt(staff_api, site.url("/a.jpg"))
        assert await shown(staff_api, product) == [site.url("/a.jpg")]
        await drain(db)
        [url] = await shown(staff_api, product)
        assert url.startswith("/media/")
        assert (await gallery.fetch(url)).headers["content-type"] == "image/webp"
        assert (await fetched(db)).state == "fetched"
        [entry] = await sql(db, "SELECT actor FROM audit_entry WHERE action = 'media.take_upload'")
        assert entry.actor == "fetch-pictures"

    async def test_the_same_picture_at_two_addresses_is_shown_once(
        self, site: Elsewhere, staff_api: StaffApi, db: Database
    ) -> None:
        site.answers["/a.jpg"] = site.answers["/b.jpg"] = file(picture())
        product = await shirt(staff_api, site.url("/a.jpg"), site.url("/b.jpg"))
        await drain(db)
        assert len(await shown(staff_api, product)) == 1
        again = await shirt(staff_api, site.url("/b.jpg"), site.url("/a.jpg"))
        assert await shown(staff_api, again) == await shown(staff_api, product)
        assert len(site.asked) == 2

    async def test_many_are_fetched_each_once(self, site: Elsewhere, staff_api: StaffApi, db: Database) -> None:
        site.answers |= {f"/{n}.jpg": file(picture()) for n in range(2 * fetches.AT_ONCE + 1)}
        product = await shirt(staff_api, *(site.url(path) for path in site.answers))
        await asyncio.gather(drain(db), drain(db))
        assert all(url.startswith("/media/") for url in await shown(staff_api, product))
        assert sorted(site.paths) == sorted(site.answers)

    @pytest.mark.parametrize(
        ("data", "reason"),
        [(b"<svg onload='alert(1)'/>", "no-picture"), (b"", "no-picture"), (bomb(20_000), "too-many-pixels")],
    )
    async def test_what_is_no_picture_is_given_up_at_once(
        self, site: Elsewhere, staff_api: StaffApi, db: Database, data: bytes, reason: str
    ) -> None:
        site.answers["/a.jpg"] = file(data)
        product = await shirt(staff_api, site.url("/a.jpg"))
        await drain(db)
        row = await fetched(db)
        assert (row.state, row.tries, row.reason) == ("failed", 1, reason)
        assert await shown(staff_api, product) == [site.url("/a.jpg")]

    async def test_what_may_pass_is_tried_again_later_and_then_given_up(
        self, site: Elsewhere, staff_api: StaffApi, db: Database
    ) -> None:
        site.answers["/a.jpg"] = status(503)
        await shirt(staff_api, site.url("/a.jpg"))
        for tries in range(1, fetches.MOST_TRIES):
            await fetches.fetch_some(db)
            row = await fetched(db)
            assert (row.state, row.tries, row.reason, row.later) == ("waiting", tries, "failed-there", True)
            assert not await fetches.fetch_some(db)
            await sql(db, "UPDATE picture_fetch SET try_at = clock_timestamp()")
        await fetches.fetch_some(db)
        assert (await fetched(db)).state == "failed"
        [entry] = await sql(db, "SELECT after FROM audit_entry WHERE action = 'media.give_up'")
        assert entry.after == {"url": site.url("/a.jpg"), "why": "failed-there"}

    async def test_whoever_is_killed_leaves_its_pictures_to_others(
        self, site: Elsewhere, staff_api: StaffApi, db: Database
    ) -> None:
        site.answers["/a.jpg"] = file(picture())
        await shirt(staff_api, site.url("/a.jpg"))
        assert len(await fetches._claim(db)) == 1
        assert not await fetches.fetch_some(db)
        await sql(db, "UPDATE picture_fetch SET claimed_until = clock_timestamp()")
        assert await fetches.fetch_some(db)
        assert (await fetched(db)).state == "fetched"

    async def test_a_picture_that_kills_each_time_is_given_up(
        self, site: Elsewhere, staff_api: StaffApi, db: Database
    ) -> None:
        await shirt(staff_api, site.url("/a.jpg"))
        for _n in range(fetches.MOST_TRIES):
            assert len(await fetches._claim(db)) == 1
            await sql(db, "UPDATE picture_fetch SET claimed_until = clock_timestamp()")
        assert not await fetches.fetch_some(db)
        row = await fetched(db)
        assert (row.state, row.reason) == ("failed", "interrupted")


async def test_nothing_is_fetched_from_within_networks(site: Elsewhere, staff_api: StaffApi, db: Database) -> None:
    site.answers["/a.jpg"] = file(picture())
    await shirt(staff_api, site.url("/a.jpg"))
    await drain(db)
    row = await fetched(db)
    assert (row.state, row.reason, row.detail) == ("failed", "not-public", f"127.0.0.1:{site.port}")
    assert site.asked == []
