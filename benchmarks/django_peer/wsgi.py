"""What gunicorn serves; tells the bench when this worker is ready."""

import os
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.django_peer.settings"

from django.core.wsgi import get_wsgi_application

from benchmarks.stage import FOLDER

application = get_wsgi_application()
(Path(os.environ[FOLDER]) / f"django.ready.{os.getpid()}").touch()
