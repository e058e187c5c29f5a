"""WSGI entry point; a web process loads the query encoder while it starts to serve."""

import gc
import os
import threading

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "api.settings")

application = get_wsgi_application()

# Importable only once Django is set up. In a thread: half a second that no first search waits for.
from search.selectors.encoding import get_encoder  # noqa: E402

threading.Thread(target=get_encoder, name="load encoder", daemon=True).start()

# What is loaded by now stays: the collector need not go through it again, nor come for a request's
# few hundred objects, most of which no cycle holds.
gc.collect()
gc.freeze()
gc.set_threshold(10_000)
