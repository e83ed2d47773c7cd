"""At the socket: who sends too much, too slowly or too often is told so plainly, and is soon gone."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from ipaddress import ip_network

import pytest

from project.web.server.bounds import Bounds
from tests.project.web.server.little import LARGE, LittleServer, serving

pytestmark = pytest.mark.anyio

QUICK = Bounds(header_seconds=0.5, body_seconds=0.5, send_seconds=0.5, keep_alive_seconds=0.5)
SOON = 60
"""Seconds that anything may take on a busy machine."""
GET = b"GET /a HTTP/1.1\r\nhost: x\r\n\r\n"
POST = b"POST /a HTTP/1.1\r\nhost: x\r\n"


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    def send(self, data: bytes) -> None:
        self._writer.write(data)

    async def answer(self) -> bytes:
        """The next one, as it came."""
        async with asyncio.timeout(SOON):
            head = await self._reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            return head + await self._reader.readexactly(length)

    async def rest(self) -> bytes:
        """All that still comes until the server closes the connection."""
        async with asyncio.timeout(SOON):
            return await self._reader.read()

    async def flood(self, piece: bytes, times: int) -> None:
        """Sends whether anybody listens or not."""
        try:
            for _ in range(times):
                self._writer.write(piece)
                await self._writer.drain()
        except ConnectionError:
            pass

    def close(self) -> None:
        self._writer.close()


class Clients:
    def __init__(self, server: LittleServer) -> None:
        self.server = server
        self._made: list[Client] = []

    async def connect(self, data: bytes = b"", *, source: str = "127.0.0.1") -> Client:
        streams = await asyncio.open_connection("127.0.0.1", self.server.port, local_addr=(source, 0))
        self._made.append(Client(*streams))
        self._made[-1].send(data)
        return self._made[-1]

    async def until_gone(self) -> None:
        async with asyncio.timeout(SOON):
            while self.server.open:  # noqa: ASYNC110 (no event tells of it)
                await asyncio.sleep(0.02)

    def close(self) -> None:
        for each in self._made:
            each.close()


@pytest.fixture
def bounds() -> Bounds:
    return Bounds()


@pytest.fixture
async def clients(bounds: Bounds) -> AsyncIterator[Clients]:
    async with serving(bounds) as server:
        made = Clients(server)
        yield made
        made.close()


def status(answer: bytes) -> int:
    assert answer.startswith(b"HTTP/1.1 "), answer
    return int(answer.split(b" ", 2)[1])


def is_plain(answer: bytes) -> bool:
    return b"content-type: text/plain" in answer and b"connection: close\r\n" in answer


class TestHeaders:
    @pytest.mark.parametrize(
        "start",
        [b"GET / HTTP/1.1\r\nx: ", b"GET /", b"\r\n", POST + b"transfer-encoding: chunked\r\n\r\n5;"],
        ids=["header", "path", "empty lines", "chunk extension"],
    )
    async def test_one_without_end_is_431(self, clients: Clients, start: bytes) -> None:
        client = await clients.connect(start)
        await client.flood((b"\r\n" if start == b"\r\n" else b"aa") * 8192, 100)
        answer = await client.rest()
        assert status(answer) == 431
        assert is_plain(answer)

    @pytest.mark.parametrize(("size", "expected"), [(60_000, 200), (66_000, 431)])
    async def test_a_whole_one_may_have_64_kilobytes(self, clients: Clients, size: int, expected: int) -> None:
        client = await clients.connect(b"GET /a HTTP/1.1\r\nhost: x\r\nx: " + b"a" * size + b"\r\n\r\n")
        assert status(await client.answer()) == expected

    async def test_many_small_ones_count_together(self, clients: Clients) -> None:
        client = await clients.connect(b"GET /a HTTP/1.1\r\nhost: x\r\n" + b"a: b\r\n" * 12_000 + b"\r\n")
        assert status(await client.answer()) == 431

    async def test_trailers_without_end_are_431(self, clients: Clients) -> None:
        client = await clients.connect(POST + b"transfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n")
        await client.flood(b"x: " + b"a" * 8192, 100)
        assert status(await client.rest()) == 431

    async def test_a_large_body_is_no_header(self, clients: Clients) -> None:
        client = await clients.connect(POST + b"content-length: 300000\r\n\r\n")
        await client.flood(b"a" * 100_000, 3)
        client.send(GET)
        assert [status(await client.answer()) for _ in range(2)] == [200, 200]


class TestTime:
    @pytest.fixture
    def bounds(self) -> Bounds:
        return QUICK

    @pytest.mark.parametrize(
        "part",
        [
            b"G",
            b"GET / HTTP/1.1\r\nhost: x\r\n",
            POST + b"content-length: 9\r\n\r\n",
            POST + b"content-length: 9\r\n\r\na",
        ],
        ids=["first byte", "half a header", "no body", "half a body"],
    )
    async def test_what_stops_is_408(self, clients: Clients, part: bytes) -> None:
        client = await clients.connect(part)
        answer = await client.rest()
        assert status(answer) == 408
        assert is_plain(answer)

    @pytest.mark.parametrize("said", [b"", b"\r\n"])
    async def test_who_says_nothing_is_closed_without_a_word(self, clients: Clients, said: bytes) -> None:
        client = await clients.connect(said)
        assert await client.rest() == b""

    async def test_a_header_byte_by_byte_has_no_longer(self, clients: Clients) -> None:
        client = await clients.connect(b"GET / HTTP/1.1\r\nx: ")
        dripping = asyncio.create_task(drip(client, b"a"))
        assert status(await client.rest()) == 408
        dripping.cancel()

    @pytest.mark.parametrize("kind", [b"content-length: 99999999\r\n\r\n", b"transfer-encoding: chunked\r\n\r\n5;"])
    async def test_a_body_byte_by_byte_neither(self, clients: Clients, kind: bytes) -> None:
        client = await clients.connect(POST + kind)
        dripping = asyncio.create_task(drip(client, b"a"))
        assert status(await client.rest()) == 408
        dripping.cancel()

    async def test_one_that_has_been_answered_is_closed_when_it_stays_idle(self, clients: Clients) -> None:
        client = await clients.connect(GET)
        assert status(await client.answer()) == 200
        client.send(b"\r\n")  # nothing of a request, but for uvicorn it was a sign of life
        assert await client.rest() == b""

    async def test_an_app_that_takes_longer_is_waited_for(self, clients: Clients) -> None:
        client = await clients.connect(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n")
        assert status(await client.answer()) == 200

    async def test_who_does_not_read_the_answer_is_cut_off(self, clients: Clients) -> None:
        await clients.connect(b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n")
        await clients.until_gone()

    async def test_a_thousand_halves_go_away(self, clients: Clients) -> None:
        for _ in range(800):
            await clients.connect(b"GET / HTTP/1.1\r\n")
        for _ in range(200):
            await clients.connect(POST + b"content-length: 9\r\n\r\na")
        await clients.until_gone()
        assert status(await (await clients.connect(GET)).answer()) == 200


async def drip(client: Client, piece: bytes) -> None:
    while True:
        client.send(piece)
        await asyncio.sleep(0.05)


class TestConnections:
    @pytest.fixture
    def bounds(self) -> Bounds:
        return Bounds(connections=16, connections_per_address=4, proxies=[ip_network("127.0.0.9/32")])

    async def test_one_address_has_only_so_many(self, clients: Clients) -> None:
        held = [await clients.connect(GET) for _ in range(4)]
        assert [status(await each.answer()) for each in held] == [200] * 4
        answer = await (await clients.connect(GET)).rest()
        assert status(answer) == 503
        assert is_plain(answer)
        assert b"retry-after: 5" in answer
        assert status(await (await clients.connect(GET, source="127.0.0.2")).answer()) == 200

    async def test_a_proxy_of_ours_is_bound_by_the_total_alone(self, clients: Clients) -> None:
        held = [await clients.connect(GET, source="127.0.0.9") for _ in range(16)]
        assert [status(await each.answer()) for each in held] == [200] * 16
        assert status(await (await clients.connect(GET, source="127.0.0.3")).rest()) == 503

    async def test_who_leaves_makes_room(self, clients: Clients) -> None:
        for _ in range(3):
            held = [await clients.connect(GET) for _ in range(4)]
            assert [status(await each.answer()) for each in held] == [200] * 4
            for each in held:
                each.close()
            await clients.until_gone()

    async def test_refused_ones_that_stay_are_few_and_short(self, clients: Clients) -> None:
        held = [await clients.connect(source="127.0.0.9") for _ in range(16)]
        assert held
        for _ in range(50):
            await clients.connect(source="127.0.0.3")
        await asyncio.sleep(0)
        assert clients.server.open <= 16 + 4


class TestOddRequests:
    async def test_more_than_a_few_in_one_go_are_not_kept_waiting(self, clients: Clients) -> None:
        client = await clients.connect(GET * 1000)
        answered = await client.rest()
        assert 1 <= answered.count(b"HTTP/1.1 200") <= clients.server.server.gate.bounds.pipelined + 1
        assert answered.count(b"HTTP/1.1") == answered.count(b"HTTP/1.1 200")

    async def test_a_few_are_answered_in_turn(self, clients: Clients) -> None:
        client = await clients.connect(b"".join(b"GET /%d HTTP/1.1\r\nhost: x\r\n\r\n" % n for n in range(10)))
        assert [(await client.answer()).rpartition(b"/")[2] for _ in range(10)] == [b"%d " % n for n in range(10)]

    async def test_a_bad_one_behind_a_good_one_does_not_spoil_its_answer(self, clients: Clients) -> None:
        client = await clients.connect(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n" + b"\x00\x01\r\n\r\n")
        answered = await client.rest()
        assert answered.endswith(b"/slow ")
        assert answered.count(b"HTTP/1.1") == 1

    async def test_a_large_answer_is_whole(self, clients: Clients) -> None:
        client = await clients.connect(b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n")
        assert len(await client.answer()) > LARGE

    async def test_a_trailer_is_no_header(self, clients: Clients) -> None:
        client = await clients.connect(
            POST + b"transfer-encoding: chunked\r\n\r\n1\r\nb\r\n0\r\nhost: evil.example\r\n\r\n" + GET
        )
        assert [status(await client.answer()) for _ in range(2)] == [200, 200]

    @pytest.mark.parametrize("target", ["http://x/a", "HTTP://X/a"])
    async def test_a_whole_address_of_the_host_is_its_path(self, clients: Clients, target: str) -> None:
        client = await clients.connect(f"GET {target} HTTP/1.1\r\nhost: x\r\n\r\n".encode())
        assert status(await client.answer()) == 200

    @pytest.mark.parametrize(
        "target",
        [
            "http://evil.example/a",
            "http://x:81/a",
            "http://x",
            "http:///a",
            "http://[::1/a",
            "http://a:99999/a",
            "x:443",
        ],
    )
    async def test_a_whole_address_of_another_is_refused(self, clients: Clients, target: str) -> None:
        client = await clients.connect(f"GET {target} HTTP/1.1\r\nhost: x\r\n\r\n".encode())
        answer = await client.rest()
        assert status(answer) == 400
        assert is_plain(answer)

    async def test_tiny_chunks_without_end_are_refused(self, clients: Clients) -> None:
        client = await clients.connect(POST + b"transfer-encoding: chunked\r\n\r\n")
        await client.flood(b"1\r\na\r\n" * 1000, 100)
        assert status(await client.rest()) == 400

    async def test_many_chunks_of_some_size_are_a_body(self, clients: Clients) -> None:
        client = await clients.connect(POST + b"transfer-encoding: chunked\r\n\r\n")
        await client.flood(b"200\r\n" + b"a" * 512 + b"\r\n", 4000)
        client.send(b"0\r\n\r\n")
        assert status(await client.answer()) == 200

    @pytest.mark.parametrize("bounds", [replace(QUICK, unwanted_bytes=1_000_000)])
    async def test_a_body_that_nobody_wants_is_read_only_so_far(self, clients: Clients, bounds: Bounds) -> None:
        client = await clients.connect(b"POST /unread HTTP/1.1\r\nhost: x\r\ncontent-length: 50000000000\r\n\r\n")
        await client.flood(b"a" * 100_000, 10_000)
        await clients.until_gone()

    async def test_an_upgrade_is_ignored_and_nothing_after_it_is_a_request(self, clients: Clients) -> None:
        upgrade = b"GET /a HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n"
        client = await clients.connect(upgrade + GET)
        client.send(GET)
        answered = await client.rest()
        assert answered.count(b"HTTP/1.1 200") == 1
        assert b"connection: close" in answered

    async def test_an_upgrade_with_a_body_is_refused(self, clients: Clients) -> None:
        """Its body would be read as a request of its own."""
        head = POST + b"connection: upgrade\r\nupgrade: h2c\r\ncontent-length: %d\r\n\r\n" % len(GET)
        client = await clients.connect(head)
        client.send(GET)
        answered = await client.rest()
        assert status(answered) == 400
        assert answered.count(b"HTTP/1.1") == 1
