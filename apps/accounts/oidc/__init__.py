"""Signing in with an identity that somebody has elsewhere: OpenID Connect, docs/decisions/sign-in-with-others.md."""
