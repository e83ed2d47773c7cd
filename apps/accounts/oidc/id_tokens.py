"""Whether an ID token is the provider's answer to this very request (OpenID Connect Core 1.0, 3.1.3.7)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry, extract_compact
from joserfc.jwt import JWTClaimsRegistry

from apps.accounts.oidc.discovery import Discovery, PublicKey
from apps.accounts.oidc.http import Refusal

ALGORITHMS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA", "Ed25519"),
)
"""Signatures by a key that the provider alone has: no `none`, and none by a secret."""
OTHER_CLOCK = 60
"""Seconds that the provider's clock may differ from ours."""
LONGEST_AGO = 600
"""Seconds since it was issued: it has just been asked for."""


async def read_id_token(
    token: str, discovery: Discovery, *, issuer: str, client_id: str, nonce: str, at: datetime
) -> dict[str, Any]:
    """Its claims. Raises NoAnswer, Refusal."""
    try:
        claims = await _signed_claims(token, discovery)
        _check(claims, issuer=issuer, client_id=client_id, nonce=nonce, at=int(at.timestamp()))
    except (JoseError, ValueError, TypeError) as error:
        raise Refusal(f"ID token: {type(error).__name__}") from None
    return claims


async def _signed_claims(token: str, discovery: Discovery) -> dict[str, Any]:
    header = extract_compact(token.encode()).headers()
    if header.get("alg") not in ALGORITHMS:
        raise Refusal("ID token: algorithm")
    kid = header.get("kid")
    candidates = _candidates(await discovery.keys(), kid)
    if not candidates:
        candidates = _candidates(await discovery.newer_keys(), kid)
    registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
    for key in candidates:
        try:
            return jwt.decode(token, key, registry=registry).claims
        except (JoseError, ValueError, TypeError):
            continue  # a set without key ids may have several
    raise Refusal("ID token: signature")


def _candidates(keys: Sequence[PublicKey], kid: object) -> list[PublicKey]:
    return [key for key in keys if kid is None or key.kid == kid]


def _check(claims: dict[str, Any], *, issuer: str, client_id: str, nonce: str, at: int) -> None:
    """Raises JoseError, Refusal."""
    JWTClaimsRegistry(
        now=at,
        leeway=OTHER_CLOCK,
        iss={"essential": True, "value": issuer},
        sub={"essential": True},
        aud={"essential": True, "value": client_id},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    ).validate(claims)
    audience = claims["aud"]
    others = isinstance(audience, list) and len(audience) > 1
    if claims.get("azp", None if others else client_id) != client_id:
        raise Refusal("ID token: authorized party")
    if not isinstance(claims["nonce"], str) or claims["iat"] < at - LONGEST_AGO:
        raise Refusal("ID token: nonce or age")
