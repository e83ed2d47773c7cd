"""HTTP/1.1 as uvicorn speaks it, within bounds of bytes, seconds and connections."""

from asyncio import Transport
from itertools import chain
from math import inf
from typing import Any

from httptools import HttpParserError, HttpParserUpgrade, parse_url
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from project.web.server.gate import Gate
from project.web.server.refusals import HEADER_TOO_LARGE, NOT_HTTP, TOO_MANY, TOO_SLOW, Refusal, Refused

LAST_CALL = 1
"""Seconds for a refused client to read why, and for an idle one to ask once more when the process is about to end."""
AROUND_HEADER = 4
"""Bytes of a header beside its name and value: colon, space and the line's end."""
HAS_BODY = (b"content-length", b"transfer-encoding")


class BoundedProtocol(HttpToolsProtocol):
    """Who makes it calls `check` now and then: that ends what takes too long."""

    def __init__(self, *arguments: Any, gate: Gate, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.gate = gate
        self.bounds = gate.bounds
        self.admitted = False
        self.is_deaf = False  # whatever comes now is thrown away
        self.is_draining = False
        self.answering: RequestResponseCycle | None = None
        self.silent_bytes = 0  # since the parser last told of any progress
        self.in_header = self.in_body = False
        self.body_since = 0.0
        self.body_bytes = 0
        self.chunks = 0
        self.read_until = inf
        self.unread_bytes = 0
        self.written_until = inf

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.read_until = self.loop.time() + self.bounds.header_seconds
        self.admitted = self.gate.enter(self._address)
        if not self.admitted:
            self._turn_away()

    def connection_lost(self, exc: Exception | None) -> None:
        if self.admitted:
            self.gate.leave(self._address)
        elif self.is_deaf:
            self.gate.lingering -= 1
        if self.answering and not self.answering.response_complete:
            self._disconnect(self.answering)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.is_deaf:
            return
        self._unset_keepalive_if_required()
        self.silent_bytes += len(data)
        try:
            self.parser.feed_data(data)
        except HttpParserUpgrade:
            self.is_deaf = True  # we speak nothing else: what follows would be taken for a request
        except HttpParserError as error:
            cause = error.__context__
            self.refuse(cause.refusal if isinstance(cause, Refused) else NOT_HTTP)
        else:
            if self.silent_bytes > self.bounds.header_bytes:
                self.refuse(HEADER_TOO_LARGE)

    def on_message_begin(self) -> None:
        if len(self.pipeline) >= self.bounds.pipelined:
            raise Refused(TOO_MANY)
        if self.cycle is not None:  # the first header's time runs from the connection on
            self.read_until = self.loop.time() + self.bounds.header_seconds
        self.silent_bytes = 0
        self.in_header = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        size = len(self.url) + sum(map(len, chain.from_iterable(self.headers))) + AROUND_HEADER * len(self.headers)
        if size > self.bounds.header_bytes:
            raise Refused(HEADER_TOO_LARGE)
        is_upgrade = self.parser.should_upgrade()
        if is_upgrade and any(name in HAS_BODY for name, _ in self.headers):
            raise Refused(NOT_HTTP)  # the parser would read this body as the next request
        self._refuse_other_authority()
        self.in_header = False
        super().on_headers_complete()
        self.headers = []  # what may come after the body is no header that anybody has looked at
        self.in_body = True
        self._await_body()
        if is_upgrade or self.is_draining:
            self.cycle.keep_alive = False

    def _refuse_other_authority(self) -> None:
        """A proxy that goes by the target and we who go by Host must not see two different sites."""
        if self.url.startswith((b"/", b"*")):
            return
        target = parse_url(self.url)
        authority = (target.host or b"") + (b":%d" % target.port if target.port else b"")
        hosts = [value.lower() for name, value in self.headers if name == b"host"]
        if hosts != [authority.lower()]:
            raise Refused(NOT_HTTP)

    def on_chunk_header(self) -> None:
        """Each chunk costs as much as many of its bytes."""
        self.chunks += 1
        if self.chunks > self.bounds.small_chunks and self.body_bytes < self.chunks * self.bounds.chunk_bytes:
            raise Refused(NOT_HTTP)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self.answering = cycle
        super()._start_asgi_task(cycle, app)

    def on_body(self, body: bytes) -> None:
        self.silent_bytes = 0
        self.body_bytes += len(body)
        if self.body_bytes > self.bounds.unwanted_bytes and self.cycle.response_complete:
            self.is_deaf = True
            self.transport.abort()
            return
        longest = self.body_since + self.bounds.body_seconds + self.body_bytes / self.bounds.slowest
        self.read_until = min(longest, self.loop.time() + self.bounds.body_seconds)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self.in_body = False
        self.read_until = inf
        super().on_message_complete()
        self._rest()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._rest()

    def _rest(self) -> None:
        """The next request may be waited for, if all is read and answered."""
        if self.cycle.response_complete and not (self.in_header or self.in_body or self.is_deaf):
            self.read_until = self.loop.time() + self.bounds.keep_alive_seconds

    def pause_writing(self) -> None:
        super().pause_writing()
        self._await_reader()

    def resume_writing(self) -> None:
        super().resume_writing()
        self.written_until = inf

    def check(self, now: float) -> None:
        """Ends what has taken longer than it may."""
        if now > self.read_until:
            self._end_reading()
        if now > self.written_until:
            self._end_writing()
        elif self.written_until == inf and self.transport.is_closing():
            self._await_reader()

    def refuse(self, refusal: Refusal) -> None:
        """The plain answer, where it can still be one: an answer that has begun is not written into."""
        self.gate.refused[refusal.status] += 1
        self.is_deaf = True
        self.read_until = self.loop.time() + LAST_CALL
        cycle = self.answering
        if cycle is None or cycle.response_complete:
            self._say(refusal if not self.in_body else None)
        elif self.in_body and cycle is self.cycle:
            self._disconnect(cycle)
            self._say(refusal if not cycle.response_started else None)
        else:  # an earlier request: its answer is the last one
            cycle.keep_alive = False
            self.pipeline.clear()
            self.read_until = inf

    def shutdown(self) -> None:
        """The process ends: what was asked is answered, and who has just come may still ask."""
        self.is_draining = True
        if self.cycle and not self.cycle.response_complete:
            self.cycle.keep_alive = False
        else:
            self.read_until = min(self.read_until, self.loop.time() + LAST_CALL)

    @property
    def _address(self) -> str | None:
        return self.client[0] if self.client else None

    def _turn_away(self) -> None:
        """One too many. Only so many are waited for until they have read it."""
        if self.gate.lingering < self.bounds.lingering:
            self.gate.lingering += 1
            self.refuse(TOO_MANY)
        else:
            self.gate.refused[TOO_MANY.status] += 1
            self.transport.abort()

    def _await_body(self) -> None:
        self.body_since = self.loop.time()
        self.body_bytes = self.chunks = 0
        self.read_until = self.body_since + self.bounds.body_seconds

    def _await_reader(self) -> None:
        self.unread_bytes = self.transport.get_write_buffer_size()
        self.written_until = self.loop.time() + self.bounds.send_seconds

    def _end_reading(self) -> None:
        if self.is_deaf:
            self.transport.abort()
        elif self.in_body and (self.flow.read_paused or self.cycle.waiting_for_100_continue):
            self._await_body()  # it is we who do not read
        elif self.in_header or self.in_body:
            self.refuse(TOO_SLOW)
        else:
            self.transport.close()

    def _end_writing(self) -> None:
        taken = self.unread_bytes - self.transport.get_write_buffer_size()
        if taken < self.bounds.send_seconds * self.bounds.slowest:
            self.transport.abort()
        else:
            self._await_reader()

    def _disconnect(self, cycle: RequestResponseCycle) -> None:
        """The app is told that nobody waits for its answer any more."""
        cycle.disconnected = True
        cycle.message_event.set()

    def _say(self, refusal: Refusal | None) -> None:
        """A connection closed at once, with bytes unread, would be reset, and the answer lost with it."""
        if self.transport.is_closing():
            return
        if refusal:
            self.transport.write(refusal.answer)
        self.flow.resume_reading()
        if self.transport.can_write_eof():
            self.transport.write_eof()
