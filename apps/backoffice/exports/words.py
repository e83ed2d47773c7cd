"""What states of an export are called, and why there is none."""

from collections.abc import Mapping

from apps.backoffice.exports.models import ExportFailure
from apps.core.jobs.long_jobs import LongJobState
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _

STATES: Mapping[LongJobState, Lazy] = {
    LongJobState.asked: _("Queued"),
    LongJobState.running: _("Being prepared"),
    LongJobState.ready: _("Ready"),
    LongJobState.failed: _("Failed"),
    LongJobState.cancelled: _("Cancelled"),
    LongJobState.expired: _("No longer kept"),
}
FAILURES: Mapping[ExportFailure | None, Lazy] = {
    None: _("Something went wrong here. Export the list again; if it fails again, tell whoever runs the site."),
    ExportFailure.not_allowed: _("You no longer have permission to export this list."),
    ExportFailure.person_erased: _("Somebody was erased while it was being prepared. Export the list again."),
}
