"""What accounts hold about a person: all of it goes with the account."""

from sqlalchemy import or_, select

from apps.accounts.models import (
    ApiKey,
    Credential,
    EmailChange,
    Entitlement,
    PasswordLink,
    Registration,
    SecondFactorRequest,
    SessionToken,
    SignIn,
    User,
    UserAddress,
    UserRole,
    UserSession,
)
from apps.core.privacy.holdings import Rows, of_user
from apps.core.text.i18n import lazy as _

USERS, ROLES_OF_USERS, CREDENTIALS = User.table(), UserRole.table(), Credential.table()
SESSIONS, TOKENS, SIGN_INS = UserSession.table(), SessionToken.table(), SignIn.table()
REQUESTS, LINKS, REGISTRATIONS = SecondFactorRequest.table(), PasswordLink.table(), Registration.table()
ADDRESSES, EMAIL_CHANGES, API_KEYS = UserAddress.table(), EmailChange.table(), ApiKey.table()
ENTITLEMENTS = Entitlement.table()

HELD = (
    Rows(table=USERS, title=_("Your account"), theirs=lambda person: USERS.c.id == person.user_id),
    Rows(
        table=ROLES_OF_USERS,
        title=_("Your roles"),
        theirs=of_user(ROLES_OF_USERS),
    ),
    Rows(
        table=ENTITLEMENTS,
        title=_("What you are entitled to"),
        theirs=of_user(ENTITLEMENTS),
    ),
    Rows(
        table=CREDENTIALS,
        title=_("What you sign in with"),
        theirs=of_user(CREDENTIALS),
        hidden=("secret", "counter"),
        leads_to=("id",),
    ),
    Rows(
        table=SESSIONS,
        title=_("Where you are signed in"),
        theirs=of_user(SESSIONS),
        leads_to=("id",),
    ),
    Rows(
        table=TOKENS,
        title=_("Tokens of your sessions"),
        theirs=lambda person: TOKENS.c.session_id.in_(
            select(SESSIONS.c.id).where(SESSIONS.c.user_id == person.user_id)
        ),
        hidden=("token_hash",),
    ),
    Rows(
        table=SIGN_INS,
        title=_("Sign-in history"),
        theirs=lambda person: or_(SIGN_INS.c.user_id == person.user_id, person.has_address(SIGN_INS.c.email)),
    ),
    Rows(
        table=ADDRESSES,
        title=_("Your addresses"),
        theirs=of_user(ADDRESSES),
        leads_to=("id",),
    ),
    Rows(
        table=EMAIL_CHANGES,
        title=_("A change of address that waits"),
        theirs=lambda person: or_(
            EMAIL_CHANGES.c.user_id == person.user_id, person.has_address(EMAIL_CHANGES.c.new_email)
        ),
    ),
    Rows(
        table=API_KEYS,
        title=_("Your API keys"),
        theirs=of_user(API_KEYS),
        hidden=("key_hash",),
        leads_to=("id",),
    ),
    Rows(
        table=REQUESTS,
        title=_("Sign-ins that wait for a code"),
        theirs=of_user(REQUESTS),
        hidden=("token_hash",),
    ),
    Rows(
        table=LINKS,
        title=_("Links to set a password with"),
        theirs=of_user(LINKS),
        hidden=("token_hash",),
    ),
    Rows(
        table=REGISTRATIONS,
        title=_("Registrations that were not confirmed"),
        theirs=lambda person: person.has_address(REGISTRATIONS.c.email),
        hidden=("password_hash", "passkey_key", "passkey_counter", "token_hash"),
        leads_to=("id",),
    ),
)
