"""WSGI entry point; a web process loads the query encoder while it starts to serve."""

import os
import threading

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "api.settings")

application = get_wsgi_application()

# Importable only once Django is set up. In a thread: half a second that no first search waits for.
from search.selectors.encoding import get_encoder  # noqa: E402

threading.Thread(target=get_encoder, name="load encoder", daemon=True).start()
