"""What staff may do with background jobs."""

from apps.accounts.permissions import Permission


class JobPermission(Permission):
    JOBS_VIEW = "jobs.view"
    JOBS_RETRY = "jobs.retry"
    JOBS_GIVE_UP = "jobs.give_up"
