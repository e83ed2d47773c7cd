"""Passkeys (WebAuthn): added by who is signed in, and enough to sign in with, as they verify their user."""
