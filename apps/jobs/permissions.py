"""What staff may do with background jobs."""

from apps.accounts.permissions import Permission
from apps.core.text.i18n import lazy as _


class JobPermission(Permission, about=_("Background jobs")):
    JOBS_VIEW = "jobs.view", _("See failed jobs and jobs that wait too long")
    JOBS_RETRY = "jobs.retry", _("Try failed jobs again")
    JOBS_GIVE_UP = "jobs.give_up", _("Cancel failed jobs")
