"""Django's settings: the bench's database, as many connections as threads, and nothing that the lists do not need."""

from sqlalchemy import make_url

from benchmarks.django_peer.venv import THREADS
from project.settings import settings

url = make_url(settings.database_url)
SECRET_KEY = settings.secret_key
ALLOWED_HOSTS = ["127.0.0.1"]
USE_TZ, TIME_ZONE = True, "UTC"
USE_I18N = False
ROOT_URLCONF = "benchmarks.django_peer.urls"
INSTALLED_APPS = ["benchmarks.django_peer"]
MIDDLEWARE = ["benchmarks.django_peer.log.one_line_a_request"]
LOGGING_CONFIG = None
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": url.database,
        "USER": url.username,
        "PASSWORD": url.password,
        "HOST": url.host or url.query.get("host"),
        "PORT": url.port or url.query.get("port"),
        "OPTIONS": {
            "pool": {"min_size": THREADS, "max_size": THREADS},
            "server_side_binding": True,
            "options": "-c jit=off",
        },
    }
}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "UNAUTHENTICATED_USER": None,
}
