"""Settings: one module, driven by the environment.

`STOREFRONT_ENV` is `development` where no `DATABASE_URL` is given (embedded services, loopback
hosts only, secrets made at random and kept in the data folder) and `production` where one is.
Production refuses to start with a missing or short secret, with debug, or with an open host list.
"""

import math
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import django_stubs_ext
import environ
from celery.schedules import crontab
from corsheaders.defaults import default_headers
from django.core.exceptions import ImproperlyConfigured

from api.embedded import home_services
from api.logs import logging_config
from api.secrets import load_or_create_secret

# Generic admin and form classes take their model at run time too.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

STOREFRONT_HOME = Path(env.str("STOREFRONT_HOME", default=str(BASE_DIR / "var"))).resolve()
STOREFRONT_ENV = env.str(
    "STOREFRONT_ENV", default="production" if env.str("DATABASE_URL", default="") else "development"
)
if STOREFRONT_ENV not in {"production", "development", "test"}:
    raise ImproperlyConfigured(
        f"STOREFRONT_ENV is {STOREFRONT_ENV!r}; use production, development or test."
    )
PRODUCTION = STOREFRONT_ENV == "production"

# --- what must not be guessed ---------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=[] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]"]
)


def _secret(name: str) -> str:
    """The secret `name` from the environment; outside production made at random and kept."""
    value = env.str(name, default="")
    if value or PRODUCTION:
        return str(value)
    return load_or_create_secret(STOREFRONT_HOME, name)


SECRET_KEY = _secret("SECRET_KEY")
# Former keys: what they signed (visitor tokens, sessions) stays good while they are named here.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# The merchant signs customer tokens with this secret (JWT, HS256). Empty: they are refused.
CUSTOMER_TOKEN_SECRET = _secret("CUSTOMER_TOKEN_SECRET")
# By the first, the ids of those who were erased are hashed; by all of them, later data are refused.
# A former one is needed for as long as what it hashed: ids can't be hashed again.
TOMBSTONE_SECRETS = [
    _secret("TOMBSTONE_SECRET") or SECRET_KEY,
    *env.list("TOMBSTONE_SECRET_FALLBACKS", default=SECRET_KEY_FALLBACKS),
]

if env.str("TOMBSTONE_SECRET", default="") and len(TOMBSTONE_SECRETS[0]) < 32:
    raise ImproperlyConfigured("TOMBSTONE_SECRET must have at least 32 characters.")
if PRODUCTION:
    if len(SECRET_KEY) < 50 or SECRET_KEY.startswith("django-insecure"):
        raise ImproperlyConfigured("SECRET_KEY must be set to at least 50 random characters.")
    if CUSTOMER_TOKEN_SECRET and len(CUSTOMER_TOKEN_SECRET) < 32:
        raise ImproperlyConfigured("CUSTOMER_TOKEN_SECRET must have at least 32 characters.")
    if DEBUG:
        raise ImproperlyConfigured("DEBUG must be off in production.")
    if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
        raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts that production answers to.")
    if not env.str("DATABASE_URL", default=""):
        raise ImproperlyConfigured("DATABASE_URL must be set in production.")

# --- services -------------------------------------------------------------------------------------

EMBEDDED = home_services(STOREFRONT_HOME)
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db_url_config(env.str("DATABASE_URL", default=EMBEDDED.database_url))
}
DATABASES["default"] |= {
    "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=600),
    "CONN_HEALTH_CHECKS": True,
}
# A server that vanishes without a word is noticed in seconds; Unix sockets ignore the last four.
DATABASES["default"]["OPTIONS"] = {
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
} | DATABASES["default"].get("OPTIONS", {})
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default=EMBEDDED.cache_url)
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "storefront",
        "OPTIONS": {
            # A cache that is down is a cache miss: what is read still answers.
            "IGNORE_EXCEPTIONS": True,
            # Logs what is ignored, once for each pause that it makes.
            "REDIS_CLIENT_CLASS": "api.cache.PausingRedis",
            "SERIALIZER": "api.cache.PlainSerializer",
            "SOCKET_CONNECT_TIMEOUT": 0.2,
            "SOCKET_TIMEOUT": 0.5,
            "COMPRESSOR": "django_redis.compressors.identity.IdentityCompressor",
        },
    }
}

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default=EMBEDDED.broker_url)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # for ever; else workers and Beat leave in an hour
# For workers and Beat; requests are in more of a hurry, see api.background.nudges.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 0.5,
    "socket_timeout": 5,
    "socket_keepalive": True,
    # A worker notices within twice this that its connection leads nowhere.
    "health_check_interval": 10,
    "visibility_timeout": 2 * 60 * 60,  # longer than the longest hard time limit
    "max_retries": 1,
    "interval_start": 0,
    "interval_max": 0.2,
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_max": 0.2}
# Two queues with workers of their own: `fast` for what one shopper or product waits for, and
# `pipeline` for batches. What is not named here goes to the latter.
CELERY_TASK_DEFAULT_QUEUE = "pipeline"
CELERY_TASK_ROUTES = {
    "api.background.tasks.beat_heartbeat": {"queue": "fast"},
    "events.tasks.log_product_view": {"queue": "fast"},
    "events.tasks.replay_events_of": {"queue": "fast"},
    "recommendations.tasks.refresh_shoppers": {"queue": "fast"},
    "recommendations.tasks.sweep_refreshes": {"queue": "fast"},
    # A new product is shown beside others within a minute, also while a training goes on.
    "recommendations.tasks.update_text_neighbours": {"queue": "fast"},
    "pricing.tasks.keep_prices": {"queue": "fast"},
    "search.tasks.refresh_product": {"queue": "fast"},
    "search.tasks.refresh_few_products": {"queue": "fast"},
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
# A task that a worker's child dies of would come back to kill the next, for ever. What it was to do
# is in the database, and found by the next sweep.
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_TASK_TIME_LIMIT = 60 * 60
CELERY_TASK_SOFT_TIME_LIMIT = 55 * 60
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False  # it would log each fragment of a traceback as an event
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
# Beat keeps no file: what it misses while it is down, the next run finds.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"

# Every periodic task, in one place. Each takes an advisory lock and records its run.
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "fit demand model": {
        "task": "pricing.tasks.fit_demand_model",
        "schedule": crontab(hour=2, minute=40),
    },
    "demand signals": {
        "task": "pricing.tasks.aggregate_demand_signals",
        "schedule": crontab(minute="0,30"),
        "options": {"expires": 1200},
    },
    "beat heartbeat": {
        "task": "api.background.tasks.beat_heartbeat",
        "schedule": timedelta(seconds=30),
        "options": {"expires": 30},
    },
    "prune periodic runs": {
        "task": "api.background.tasks.prune_periodic_runs",
        "schedule": crontab(hour=3, minute=20),
    },
    "event partitions": {
        "task": "events.tasks.make_event_partitions",
        "schedule": crontab(hour=2, minute=40),
    },
    "roll up events": {
        "task": "events.tasks.roll_up_stale_days",
        "schedule": timedelta(minutes=2),
        "options": {"expires": 120},
    },
    "prune events": {
        "task": "events.tasks.prune_old_events",
        "schedule": crontab(hour=3, minute=10),
    },
    "mark bots": {
        "task": "events.tasks.mark_busy_bots",
        "schedule": timedelta(minutes=10),
        "options": {"expires": 600},
    },
    "forget old data": {
        "task": "events.tasks.forget_old_data",
        "schedule": crontab(hour=3, minute=30),
    },
    "prune search queries": {
        "task": "search.tasks.prune_search_queries",
        "schedule": crontab(hour=3, minute=40),
    },
    "finish erasures": {
        "task": "customers.tasks.finish_cut_short_erasures",
        "schedule": timedelta(minutes=5),
        "options": {"expires": 300},
    },
    "replay rejected events": {
        "task": "events.tasks.replay_rejected_events",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    "refresh search index": {
        "task": "search.tasks.refresh_index",
        "schedule": timedelta(minutes=2),
        "options": {"expires": 120},
    },
    "search suggestions": {
        "task": "search.tasks.refresh_suggestions",
        "schedule": timedelta(minutes=10),
        "options": {"expires": 600},
    },
    "count search corpus": {
        "task": "search.tasks.count_search_corpus",
        "schedule": crontab(minute=23),
        "options": {"expires": 3600},
    },
    "decide prices": {
        "task": "pricing.tasks.decide_prices",
        "schedule": crontab(minute="4,34"),
        "options": {"expires": 30 * 60},
    },
    "keep prices": {
        "task": "pricing.tasks.keep_prices",
        "schedule": timedelta(seconds=5),
        "options": {"expires": 5},
    },
    "train recommendations": {
        "task": "recommendations.tasks.train_recommendations",
        "schedule": crontab(hour="*/4", minute=7),
    },
    "sweep refresh requests": {
        "task": "recommendations.tasks.sweep_refreshes",
        "schedule": timedelta(seconds=10),
        "options": {"expires": 10},
    },
    "trending products": {
        "task": "recommendations.tasks.update_trending",
        "schedule": timedelta(minutes=10),
        "options": {"expires": 600},
    },
    "purchase cycles": {
        "task": "recommendations.tasks.update_purchase_cycles",
        "schedule": crontab(hour=2, minute=50),
    },
    "text neighbours": {
        "task": "recommendations.tasks.update_text_neighbours",
        "schedule": timedelta(seconds=30),
        "options": {"expires": 30},
    },
}

# --- the shop -------------------------------------------------------------------------------------

# The one currency that prices are filtered, sorted and decided in (ISO 4217).
STORE_CURRENCY = env.str("STORE_CURRENCY", default="USD")
if not re.fullmatch(r"[A-Z]{3}", STORE_CURRENCY):
    raise ImproperlyConfigured(f"STORE_CURRENCY is {STORE_CURRENCY!r}; use a code such as EUR.")
# How long a quoted price can be redeemed.
QUOTE_SECONDS = env.int("QUOTE_SECONDS", default=15 * 60)
if not 0 < QUOTE_SECONDS <= 24 * 60 * 60:
    raise ImproperlyConfigured("QUOTE_SECONDS must be from 1 to 86400.")
# Whether products, search and popular recommendations are answered without a key.
ANONYMOUS_READS = env.bool("ANONYMOUS_READS", default=False)

# After how many days these are deleted; 0: kept for ever. Visitors: those who never did anything.
REJECTED_EVENTS_RETENTION_DAYS = env.int("REJECTED_EVENTS_RETENTION_DAYS", default=0)
SEARCH_QUERIES_RETENTION_DAYS = env.int("SEARCH_QUERIES_RETENTION_DAYS", default=0)
VISITORS_RETENTION_DAYS = env.int("VISITORS_RETENTION_DAYS", default=0)
if min(REJECTED_EVENTS_RETENTION_DAYS, SEARCH_QUERIES_RETENTION_DAYS, VISITORS_RETENTION_DAYS) < 0:
    raise ImproperlyConfigured("Retention must be 0 days or more.")
# Who does more than this in an hour, impressions and purchases aside, is a bot; 0: nobody is.
BOT_EVENTS_PER_HOUR = env.int("BOT_EVENTS_PER_HOUR", default=2000)

# Whether a device that was not asked refuses: nothing of it is recorded, nothing personal shown.
CONSENT_REQUIRED = env.bool("CONSENT_REQUIRED", default=False)

# Calls a minute of one API key, of one shopper (by token), and of one address without a key; 0: any
# number. They stop loops run amok rather than ration anybody.
API_RATE_KEY = env.int("API_RATE_KEY", default=600_000)
API_RATE_SHOPPER = env.int("API_RATE_SHOPPER", default=30_000)
API_RATE_ANONYMOUS = env.int("API_RATE_ANONYMOUS", default=30_000)
if min(API_RATE_KEY, API_RATE_SHOPPER, API_RATE_ANONYMOUS) < 0:
    raise ImproperlyConfigured("API_RATE_… must be 0 or more.")

# Events older than so many days are refused, and dropped by whole months; 0: kept for ever.
EVENTS_RETENTION_DAYS = env.int("EVENTS_RETENTION_DAYS", default=0)
if EVENTS_RETENTION_DAYS < 0:
    raise ImproperlyConfigured("EVENTS_RETENTION_DAYS must be 0 or more.")
# Where months are written, as import_events reads them, before they are dropped; empty: nowhere.
EVENTS_ARCHIVE_DIR = env.str("EVENTS_ARCHIVE_DIR", default="")

# The sentence-transformers model that export_model exports: the name of one that is installed as a
# package, a folder, or a name on the hub.
EMBEDDING_MODEL = env.str("EMBEDDING_MODEL", default="all-MiniLM-L6-v2")
# Where export_model writes to, and search reads from.
EMBEDDING_MODEL_DIR = Path(
    env.str("EMBEDDING_MODEL_DIR", default=str(STOREFRONT_HOME / "models" / "embedding"))
)

# A query is suggested to others once so many shoppers succeeded with it within so many days.
SEARCH_SUGGESTION_SHOPPERS = env.int("SEARCH_SUGGESTION_SHOPPERS", default=3)
if SEARCH_SUGGESTION_SHOPPERS < 2:
    raise ImproperlyConfigured("SEARCH_SUGGESTION_SHOPPERS must be 2 or more.")
SEARCH_SUGGESTION_DAYS = env.int("SEARCH_SUGGESTION_DAYS", default=90)
if SEARCH_SUGGESTION_DAYS < 1:
    raise ImproperlyConfigured("SEARCH_SUGGESTION_DAYS must be 1 or more.")

# How search weighs its two legs: candidates of each, the constant and the weights of reciprocal
# rank fusion, and how much ranks (agreement), words (keyword_evidence) and what a product is (kind)
# say beside the cosine.
SEARCH_FUSION: dict[str, Any] = {
    "depth": env.int("SEARCH_CANDIDATES", default=100),
    "k": env.float("SEARCH_RANK_CONSTANT", default=60.0),
    "semantic_weight": env.float("SEARCH_SEMANTIC_WEIGHT", default=1.5),
    "keyword_weight": env.float("SEARCH_KEYWORD_WEIGHT", default=1.0),
    "agreement": env.float("SEARCH_AGREEMENT", default=0.5),
    "keyword_evidence": env.float("SEARCH_KEYWORD_EVIDENCE", default=0.35),
    "kind": env.float("SEARCH_KIND", default=0.1),
}
if min(SEARCH_FUSION.values()) < 0 or not 1 <= SEARCH_FUSION["depth"] <= 1_000:
    raise ImproperlyConfigured("SEARCH_… weights must be 0 or more; candidates 1 to 1,000.")
# Products less similar to a query than this are not found by meaning (a cosine).
SEARCH_SIMILARITY_FLOOR = env.float("SEARCH_SIMILARITY_FLOOR", default=0.2)
# How many neighbours the vector index keeps in view (pgvector's hnsw.ef_search): more find more of
# the nearest of a large catalogue, and cost more. pgvector allows 1,000 at most.
SEARCH_EF_SEARCH = env.int("SEARCH_EF_SEARCH", default=275)
if not 10 <= SEARCH_EF_SEARCH <= 1_000:
    raise ImproperlyConfigured("SEARCH_EF_SEARCH must be from 10 to 1,000.")

# Training's window: its end (now, or latest_event for a shop whose events stopped), its length in
# days (0: all of history), and after how many days an event counts half (0: never).
RECOMMENDATIONS_WINDOW_END = env.str("RECOMMENDATIONS_WINDOW_END", default="now")
if RECOMMENDATIONS_WINDOW_END not in {"now", "latest_event"}:
    raise ImproperlyConfigured("RECOMMENDATIONS_WINDOW_END must be now or latest_event.")
RECOMMENDATIONS_WINDOW_DAYS = env.int("RECOMMENDATIONS_WINDOW_DAYS", default=90)
if RECOMMENDATIONS_WINDOW_DAYS < 0:
    raise ImproperlyConfigured("RECOMMENDATIONS_WINDOW_DAYS must be 0 or more.")
RECOMMENDATIONS_HALF_LIFE_DAYS = env.float("RECOMMENDATIONS_HALF_LIFE_DAYS", default=60.0)
if RECOMMENDATIONS_HALF_LIFE_DAYS < 0:
    raise ImproperlyConfigured("RECOMMENDATIONS_HALF_LIFE_DAYS must be 0 or more.")
# How much each type of event counts, such as purchase=5,view=1; those not named keep their default.
RECOMMENDATIONS_WEIGHTS = {
    name: float(value) for name, value in env.dict("RECOMMENDATIONS_WEIGHTS", default={}).items()
}
_WEIGHED = {
    "view", "click", "add_to_cart", "remove_from_cart", "purchase", "return", "not_interested",
}  # fmt: skip
if not _WEIGHED.issuperset(RECOMMENDATIONS_WEIGHTS) or not all(
    map(math.isfinite, RECOMMENDATIONS_WEIGHTS.values())
):
    raise ImproperlyConfigured(
        f"RECOMMENDATIONS_WEIGHTS: give numbers for any of {', '.join(sorted(_WEIGHED))}."
    )
# How much products' texts say beside behaviour, where it is asked what goes together; 0: nothing.
RECOMMENDATIONS_TEXT_WEIGHT = env.float("RECOMMENDATIONS_TEXT_WEIGHT", default=1.0)
if not 0 <= RECOMMENDATIONS_TEXT_WEIGHT <= 100:
    raise ImproperlyConfigured("RECOMMENDATIONS_TEXT_WEIGHT must be from 0 to 100.")
# Whether a training goes on from the live run's factors, which takes a third of the time.
RECOMMENDATIONS_WARM_START = env.bool("RECOMMENDATIONS_WARM_START", default=True)
# By which part of the live run's nDCG a new one may be worse and still go live.
RECOMMENDATIONS_GATE_TOLERANCE = env.float("RECOMMENDATIONS_GATE_TOLERANCE", default=0.05)
if not 0 <= RECOMMENDATIONS_GATE_TOLERANCE < 1:
    raise ImproperlyConfigured("RECOMMENDATIONS_GATE_TOLERANCE must be 0 or more, and below 1.")
# Training runs whose rows are kept, to roll back to.
RECOMMENDATIONS_RUNS_KEPT = env.int("RECOMMENDATIONS_RUNS_KEPT", default=3)
if RECOMMENDATIONS_RUNS_KEPT < 0:
    raise ImproperlyConfigured("RECOMMENDATIONS_RUNS_KEPT must be 0 or more.")
# Threads that training may use; 0: as many as there are cores.
RECOMMENDATIONS_THREADS = env.int("RECOMMENDATIONS_THREADS", default=0)
if RECOMMENDATIONS_THREADS < 0:
    raise ImproperlyConfigured("RECOMMENDATIONS_THREADS must be 0 or more.")

# So many shoppers more or fewer than usual in 24 hours are no news: a product's views and carts are
# told as usual to whoever decides prices. A botnet below this size moves no price.
PRICING_SIGNAL_BAND = env.int("PRICING_SIGNAL_BAND", default=20)
if PRICING_SIGNAL_BAND < 1:
    raise ImproperlyConfigured("PRICING_SIGNAL_BAND must be 1 or more.")

# --- Django ---------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "corsheaders",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "api",
    "api.background",
    "partners",
    "customers",
    "catalogue",
    "events",
    "search",
    "pricing",
    "recommendations",
    "demo",
]

MIDDLEWARE = [
    # Before all others, whose part it takes for hot reads.
    "api.rest.short_way.ShortWay",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "api.rest.middleware.cache_control",
    "api.rest.middleware.AdminSessions",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "api.rest.middleware.AdminUsers",
    "api.rest.middleware.AdminMessages",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "api.urls"
WSGI_APPLICATION = "api.wsgi.application"
APPEND_SLASH = False
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-gb"
USE_I18N = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

STATIC_URL = "/static/"
# Served from the installed packages themselves: no collectstatic step to forget. For a CDN, name a
# folder and run collectstatic.
STATIC_ROOT = env.str("STATIC_ROOT", default=None)
WHITENOISE_USE_FINDERS = True

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]

SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=PRODUCTION)
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000 if PRODUCTION else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
if env.bool("BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])
CORS_ALLOW_HEADERS = (
    *default_headers, "x-visitor-token", "x-customer-token", "if-none-match", "content-encoding",
)  # fmt: skip
CORS_EXPOSE_HEADERS = ["etag", "retry-after"]
CORS_URLS_REGEX = r"^/v1/"

LOGGING = logging_config(json=PRODUCTION, level=env.str("LOG_LEVEL", default="INFO"))

# --- REST -----------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["partners.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["api.rest.permissions.CanRead"],
    "DEFAULT_THROTTLE_CLASSES": ["api.rest.throttling.CallThrottle"],
    "NUM_PROXIES": env.int("NUM_PROXIES", default=0),
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "api.rest.negotiation.QuickNegotiation",
    "DEFAULT_RENDERER_CLASSES": ["api.rest.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["api.rest.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "api.rest.pagination.CursorPagination",
    "DEFAULT_SCHEMA_CLASS": "openapi.schema.StorefrontSchema",
    "EXCEPTION_HANDLER": "api.rest.problems.problem_handler",
    "UNAUTHENTICATED_USER": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Storefront API",
    "DESCRIPTION": (
        "Catalogue, hybrid search, recommendations and prices that learn from behaviour.\n\n"
        "Errors are `application/problem+json` (RFC 9457) with a stable `code`. "
        "Lists are cursor-paginated. Money is a decimal string with an ISO 4217 currency."
    ),
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "ENUM_NAME_OVERRIDES": {
        "EventType": "events.models.EventType",
        "EventOutcomeKind": "events.serializers.schema.OUTCOMES",
        "RecommendationSource": "recommendations.serializers.placements.SOURCES",
        "SearchSource": "search.serializers.SOURCES",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "openapi.hooks.add_problem_responses",
    ],
}
