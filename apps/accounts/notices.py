"""What users are told of by mail when it happens to their account, whoever did it."""

from enum import StrEnum

from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _


class Notice(StrEnum):
    password_changed = "password_changed"  # noqa: S105
    app_added = "app_added"
    app_removed = "app_removed"
    passkey_added = "passkey_added"
    passkey_removed = "passkey_removed"
    recovery_codes_renewed = "recovery_codes_renewed"
    factors_reset = "factors_reset"
    api_key_added = "api_key_added"
    sign_in_linked = "sign_in_linked"
    sign_in_unlinked = "sign_in_unlinked"


SENTENCES: dict[Notice, Lazy] = {
    Notice.password_changed: _("The password of your account was changed."),
    Notice.app_added: _("An authenticator app was added to your account. You will be asked for its code at sign-in."),
    Notice.app_removed: _("The authenticator app was removed from your account."),
    Notice.passkey_added: _("A passkey was added to your account."),
    Notice.passkey_removed: _("A passkey was removed from your account."),
    Notice.recovery_codes_renewed: _("New recovery codes were made for your account. The old ones no longer work."),
    Notice.factors_reset: _("The second factors of your account were reset. You sign in with your password alone now."),
    Notice.api_key_added: _("An API key was created for your account. Programs that have it use the API as you."),
    Notice.sign_in_linked: _("Another way to sign in was linked to your account."),
    Notice.sign_in_unlinked: _("A way to sign in was removed from your account."),
}
