"""A provider that answers as a test says: wrongly."""

import base64
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from project.settings import OidcProvider
from tests.conftest import free_port
from tests.journeys.conftest import listening

KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
ANOTHER = RSAKey.generate_key(2048, {"kid": "two", "use": "sig"})
NAME, TITLE, SECRET = "false", "False ID", "a secret of thirty-two characters"


class StandIn:
    """Without changes it is a good one: everybody is Ada, ada@example.org."""

    def __init__(self, port: int) -> None:
        self.config = OidcProvider(
            name=NAME,
            issuer=f"http://localhost:{port}",
            client_id="backline",
            client_secret=SECRET,
            title=TITLE,
        )
        self.document: dict[str, Any] = {}
        self.claims: dict[str, Any] = {}
        self.header: dict[str, Any] = {}
        self.answer: dict[str, Any] = {}
        self.key = KEY
        self.secret = b""
        """Of a token that is signed by one."""
        self.keys = [KEY]
        self.failing: Response | None = None
        self.asked: list[str] = []
        self.form: dict[str, str] = {}
        self._nonce = ""

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._document),
                Route("/keys", self._keys),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
            ]
        )

    async def _document(self, request: Request) -> Response:
        self.asked.append("document")
        issuer = self.config.issuer
        endpoints = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        made = {"issuer": issuer, **{name: f"{issuer}/{path}" for name, path in endpoints.items()}}
        return self.failing or JSONResponse({**made, **self.document})

    async def _keys(self, request: Request) -> Response:
        self.asked.append("keys")
        return JSONResponse({"keys": [{"kty": "new"}, *(key.as_dict(private=False) for key in self.keys)]})

    async def _authorize(self, request: Request) -> Response:
        """The user says yes at once."""
        asked = request.query_params
        self._nonce = asked["nonce"]
        answer = {"code": "a-code", "state": asked["state"], **self.answer}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(answer)}", status_code=303)

    async def _token(self, request: Request) -> Response:
        self.form = dict(await request.form())
        return self.failing or JSONResponse(
            {"access_token": "at", "token_type": "Bearer", "id_token": self._id_token()}
        )

    def _id_token(self) -> str:
        claims = {
            "iss": self.config.issuer,
            "sub": "ada",
            "aud": "backline",
            "iat": int(time.time()),
            "exp": int(time.time()) + 300,
            "nonce": self._nonce,
            "email": "ada@example.org",
            "email_verified": True,
            "name": "Ada",
            **self.claims,
        }
        kept = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": "RS256", "kid": "one", **self.header}
        if header["alg"] == "RS256":
            return jwt.encode(header, kept, self.key, algorithms=["RS256"])
        said = f"{_encoded(json.dumps(header).encode())}.{_encoded(json.dumps(kept).encode())}"
        mac = hmac.digest(self.secret, said.encode(), "sha256") if self.secret else b""
        return f"{said}.{_encoded(mac)}"


@asynccontextmanager
async def standing_in() -> AsyncIterator[StandIn]:
    port = free_port()
    made = StandIn(port)
    async with listening(made.app(), port=port):
        yield made


def _encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()
