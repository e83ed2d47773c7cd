"""API schemas of signing in and of one's own account."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from apps.accounts.models import Confirmed
from apps.core.text.postal import Address
from apps.core.text.string_types import END, VERBATIM, Email, FilledText, Locale, Text

MOST_TYPED = 512
"""Characters before they are composed, of which four at most become one."""
Password = Annotated[
    str,
    Meta(
        min_length=8,
        max_length=MOST_TYPED,
        pattern=rf"^[^\x00-\x1f]*{END}",
        description="8 to 128 characters, counted when composed (NFKC); nothing common, breached, or made of names.",
        examples=["seven gulls over the harbour"],
        extra={VERBATIM: True},
    ),
]
TypedPassword = Annotated[
    str, Meta(max_length=MOST_TYPED, examples=["seven gulls over the harbour"], extra={VERBATIM: True})
]
"""As somebody says it is: not held against today's rules."""
LinkToken = Annotated[str, Meta(max_length=200, description="From the link that was mailed; works once.")]
RefreshToken = Annotated[str, Meta(max_length=100, description="As the last answer gave it; works once.")]


Code = Annotated[str, Meta(max_length=60, description="Of the app, or a recovery code.", examples=["492 039"])]


DeviceToken = Annotated[str, Meta(max_length=100, description="As a sign-in on this device gave it, if any.")]
PasskeyAnswer = Annotated[str, Meta(max_length=8192, description="The PublicKeyCredential as JSON text.")]


class RegisterIn(Struct, forbid_unknown_fields=True):
    """`locale` is the language of letters to them; without it, that of the request. `news`: they want those by mail."""

    email: Email
    password: Password
    name: Text = ""
    locale: Locale | None = None
    news: bool = False


class ConfirmIn(Struct, forbid_unknown_fields=True):
    """`token` is the link's; `password` the one that was registered with."""

    token: LinkToken
    password: TypedPassword


class PasskeyRegistrationOptionsIn(Struct, forbid_unknown_fields=True):
    """For whom a passkey is made: the device shows both."""

    email: Email
    name: Text = ""


class PasskeyRegisterIn(Struct, forbid_unknown_fields=True):
    """`answer`: the JSON text of the PublicKeyCredential that the browser made by the options for this address."""

    email: Email
    answer: PasskeyAnswer
    name: Text = ""
    locale: Locale | None = None


class PasskeyConfirmationOptionsIn(Struct, forbid_unknown_fields=True):
    """`token` is the link's."""

    token: LinkToken


class PasskeyConfirmIn(Struct, forbid_unknown_fields=True):
    """`token` is the link's; `answer` of the passkey that was registered with."""

    token: LinkToken
    answer: PasskeyAnswer


class ForgotIn(Struct, forbid_unknown_fields=True):
    """Whose password is forgotten."""

    email: Email
    device_token: DeviceToken = ""


class ResetIn(Struct, forbid_unknown_fields=True):
    """`token` is the link's; `password` the one to come."""

    token: LinkToken
    password: Password


class MailedOut(Struct):
    """Look for a mail at this address. The answer is the same whether or not there is an account."""

    email: str


class TokenIn(Struct):
    """OAuth 2.0 (RFC 6749): 4.3 with `grant_type=password`, 6 with `grant_type=refresh_token`.

    An account with a second factor answers the password with `second-factor-needed` and a `second_factor_token`; with
    that, `grant_type=second_factor` and a `code` of the app, or a recovery code, go on. `grant_type=passkey` takes
    `passkey`, what the browser made of `POST /api/v1/auth/passkey-options`, and needs nothing besides.

    Other fields that OAuth clients send (`scope`, `client_id`) are ignored.
    """

    grant_type: Annotated[
        str,
        Meta(max_length=40, description="password, second_factor, passkey or refresh_token.", examples=["password"]),
    ]
    username: Annotated[str, Meta(max_length=254, description="The email address.", examples=["fan@example.org"])] = ""
    password: TypedPassword = ""
    refresh_token: RefreshToken = ""
    second_factor_token: Annotated[str, Meta(max_length=100)] = ""
    code: Code = ""
    passkey: PasskeyAnswer = ""
    device_token: DeviceToken = ""


class TokenOut(Struct):
    """`access_token` goes into `Authorization: Bearer …` for `expires_in` seconds; `refresh_token` gets the next.

    `device_token`, given when a password was shown, is to be kept on the device beyond the session and sent with the
    next sign-in: whoever guesses the password elsewhere does not keep its user out.
    """

    access_token: str
    token_type: str
    expires_in: int
    refresh_token: str
    device_token: str | None


class MeOut(Struct):
    """`permissions` are what staff may do; fans have none and need none. `news`: they want the band's news by mail.

    `entitlements` are the keys of what they have beyond others, as members do.
    """

    id: UUID
    email: str
    name: str
    locale: str
    permissions: list[str]
    news: bool
    entitlements: list[str]


class MeIn(Struct, forbid_unknown_fields=True):
    """What people change about themselves."""

    name: Text
    locale: Locale


class MePatchIn(Struct, forbid_unknown_fields=True):
    """What is left out stays as it is. `news`: whether they want the band's news by mail."""

    name: Text | None = None
    locale: Locale | None = None
    news: bool | None = None


class EmailChangeIn(Struct, forbid_unknown_fields=True):
    """The address to come."""

    email: Email


class ConfirmEmailIn(Struct, forbid_unknown_fields=True):
    """`token` is of the link to the old or to the new address."""

    token: LinkToken


class ConfirmEmailOut(Struct):
    """`one`: the other address has not confirmed yet. `both`: the address is changed."""

    confirmed: Confirmed


class AddressIn(Struct, forbid_unknown_fields=True):
    """`name`: who lives there."""

    name: FilledText
    address: Address


class ChangePasswordIn(Struct, forbid_unknown_fields=True):
    """The password that is valid, and the one to come."""

    current: TypedPassword
    new: Password


class ProofIn(Struct, forbid_unknown_fields=True):
    """One of them: `code` or `passkey` where the account has a second factor, else `password`."""

    password: TypedPassword = ""
    code: Code = ""
    passkey: PasskeyAnswer = ""
    device_token: DeviceToken = ""


class CodeIn(Struct, forbid_unknown_fields=True):
    """The first code that the app shows."""

    code: Code


class NewAppOut(Struct):
    """`secret` is typed into the app, or `url` (`otpauth://`) is shown to it as a QR code."""

    secret: str
    url: str


class RecoveryCodesOut(Struct):
    """Shown once. Each works once in the place of a code of the app. Empty where those of before still work."""

    codes: list[str]


class PasskeyOut(Struct):
    """`used_at`: when it was used last to sign in."""

    id: UUID
    name: str
    created_at: datetime
    used_at: datetime | None


class PasskeyIn(Struct, forbid_unknown_fields=True):
    """`answer`: the JSON text of the PublicKeyCredential that the browser made; `name`: what its user calls it."""

    answer: PasskeyAnswer
    name: Text = ""


class PasskeyOptionsOut(Struct):
    """The JSON text for `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON`."""

    public_key_options: str


class LinkedSignInOut(Struct):
    """An account elsewhere that signs in to this one. `title`: whose; `name`: its address there, as it was linked.

    `used_at`: when it was used last to sign in.
    """

    id: UUID
    title: str
    name: str
    created_at: datetime
    used_at: datetime | None


class FactorsOut(Struct):
    """`recovery_codes`: how many are left. `has_fresh_proof`: whether what asks for one may be done now."""

    has_password: bool
    has_app: bool
    passkeys: list[PasskeyOut]
    linked: list[LinkedSignInOut]
    recovery_codes: int
    has_fresh_proof: bool
