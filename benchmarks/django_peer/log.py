"""The line that the app writes for each request, written in the same way."""

import time
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse
from uuid_utils import uuid7

from project.logs import configure_logs

configure_logs()
log = structlog.get_logger("request")


def one_line_a_request(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        started, request_id = time.perf_counter(), str(uuid7())
        response = answer(request)
        milliseconds = round((time.perf_counter() - started) * 1000, 1)
        log.info(
            "request",
            request_id=request_id,
            method=request.method,
            path=request.path,
            status=response.status_code,
            ms=milliseconds,
        )
        response["X-Request-ID"] = request_id
        response["Content-Length"] = len(response.content)  # else every answer is sent in chunks
        return response

    return middleware
