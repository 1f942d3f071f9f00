"""All settings, from environment variables. ``docs/operating.md`` explains each of them.

In ``production`` mode the program refuses to start with settings that are only good enough for trying out.
"""

import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# --- how it runs --------------------------------------------------------------------------------------------

MODE: str = env.str("TENSEGRITY_MODE", default="development")
if MODE not in ("development", "production"):
    raise ImproperlyConfigured(f"TENSEGRITY_MODE is “{MODE}”, but must be “development” or “production”.")
PRODUCTION = MODE == "production"

DEVELOPMENT_SECRET_KEY = "only-for-development-and-known-to-everybody"  # noqa: S105
SECRET_KEY: str = env.str("TENSEGRITY_SECRET_KEY", default="" if PRODUCTION else DEVELOPMENT_SECRET_KEY)
DEBUG: bool = env.bool("TENSEGRITY_DEBUG", default=False)
DEMO: bool = env.bool("TENSEGRITY_DEMO", default=not PRODUCTION)
HOST: str = env.str("HOST", default="127.0.0.1")
PORT: int = env.int("PORT", default=8000)
_address = f"[{HOST}]" if ":" in HOST else HOST
ALLOWED_HOSTS: list[str] = env.list(
    "TENSEGRITY_ALLOWED_HOSTS", default=[] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]", _address]
)
# Who may found organizations: whoever is signed in ("open"), or nobody after the first one ("first").
FOUNDING: str = env.str("TENSEGRITY_FOUNDING", default="first" if PRODUCTION else "open")
if FOUNDING not in ("open", "first"):
    raise ImproperlyConfigured(f"TENSEGRITY_FOUNDING is “{FOUNDING}”, but must be “open” or “first”.")
DATA_DIR = Path(env.str("TENSEGRITY_DATA_DIR", default=str(BASE_DIR / "var"))).absolute()
WEB_THREADS: int = env.int("TENSEGRITY_WEB_THREADS", default=8)

if PRODUCTION:
    if len(SECRET_KEY) < 32 or SECRET_KEY == DEVELOPMENT_SECRET_KEY:
        raise ImproperlyConfigured(
            "TENSEGRITY_SECRET_KEY must be set to at least 32 random characters of your own in production."
        )
    if DEMO:
        raise ImproperlyConfigured(
            "TENSEGRITY_DEMO lets everybody sign in as anybody and cannot be on in production mode."
        )
    if DEBUG:
        raise ImproperlyConfigured(
            "TENSEGRITY_DEBUG shows the program's insides to visitors and cannot be on in production mode."
        )
    if not ALLOWED_HOSTS:
        raise ImproperlyConfigured(
            "TENSEGRITY_ALLOWED_HOSTS must name the host names this site is reached by, in production mode."
        )

# The address people use; links in e-mails begin with it.
_site = f"https://{ALLOWED_HOSTS[0]}" if PRODUCTION else f"http://{_address}:{PORT}"
SITE_URL: str = env.str("TENSEGRITY_SITE_URL", default=_site).rstrip("/")

# --- the program --------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "drf_spectacular",
    "django_htmx",
    "template_partials",
    "csp",
    "people",
    "journal",
    "circles",
    "tensions",
    "governance",
    "announcements",
    "meetings",
    "pages",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "circles.sources.remember_while_reading",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "pages.context.shell",
            ],
        },
    }
]

DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000

# --- database and cache -------------------------------------------------------------------------------------

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASE_URL: str = env.str("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'tensegrity.sqlite3'}")
_database: dict[str, Any] = env.db_url_config(DATABASE_URL)
if "sqlite" in _database["ENGINE"]:
    Path(_database["NAME"]).parent.mkdir(parents=True, exist_ok=True)
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    # IMMEDIATE: a transaction takes the write lock when it begins, so that writers queue instead of failing
    # half-way with "database is locked". It is also what makes select_for_update's promise true here.
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
_database["CONN_MAX_AGE"] = 60
_database["CONN_HEALTH_CHECKS"] = True
DATABASES = {"default": _database}

REDIS_URL: str = env.str("REDIS_URL", default="")
# Only the rate limits of signing in use the cache. With several processes they need one they share: Redis.
CACHES: dict[str, dict[str, Any]] = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    )
}

# --- the worker ---------------------------------------------------------------------------------------------

JOB_LEASE: int = env.int("TENSEGRITY_JOB_LEASE", default=60)
JOB_SWEEP: int = env.int("TENSEGRITY_JOB_SWEEP", default=5)

# Days after which a process breakdown left open counts for the circle around it as well (§5.5.3)
BREAKDOWN_DAYS: int = env.int("TENSEGRITY_BREAKDOWN_DAYS", default=30)

CELERY_BROKER_URL = REDIS_URL or "memory://localhost"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# A broker that cannot be reached must not hold up a page: the sweep sends the job again.
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
    {"socket_connect_timeout": 1, "socket_timeout": 5, "max_retries": 1, "interval_start": 0}
    if REDIS_URL
    else {"polling_interval": 0.02}
)
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CONCURRENCY = 4
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
CELERY_BEAT_SCHEDULE = {
    # What expires unread was only a reminder; without it, sweeps would pile up while no worker is there.
    "sweep jobs": {"task": "journal.sweep_jobs", "schedule": JOB_SWEEP, "options": {"expires": JOB_SWEEP}},
    "queue hourly": {"task": "journal.queue_hourly", "schedule": 3600.0, "options": {"expires": 3600}},
    "prune live": {"task": "journal.prune_live", "schedule": 3600.0, "options": {"expires": 3600}},
}

# --- people and signing in ----------------------------------------------------------------------------------

AUTH_USER_MODEL = "people.Account"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

ACCOUNT_ADAPTER = "people.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# Nobody is written to about an address that nobody signs in with.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = urlsplit(SITE_URL).scheme or "https"
# Beside the limits of signing in, which django-allauth brings: how often the same address or account may try.
ACCOUNT_RATE_LIMITS = {"found": "10/h/ip", "accept_invitation": "20/m/ip", "issue_token": "20/h/user"}
MFA_TOTP_ISSUER = "Tensegrity"

# How many proxies of one's own stand in front: their X-Forwarded-For is believed, nobody else's.
ALLAUTH_TRUSTED_PROXY_COUNT: int = env.int("TENSEGRITY_PROXIES", default=0)

# --- e-mail -------------------------------------------------------------------------------------------------

vars().update(env.email_url("EMAIL_URL", default="smtp://localhost:25" if PRODUCTION else "consolemail://"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL: str = env.str("TENSEGRITY_FROM_EMAIL", default="Tensegrity <tensegrity@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- API ----------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "people.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "EXCEPTION_HANDLER": "people.api.exception_handler",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.LimitOffsetPagination",
    "PAGE_SIZE": 100,
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.UserRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {
        "user": env.str("TENSEGRITY_API_RATE", default="600/min"),
        "wrong_keys": "30/min",
    },
    "NUM_PROXIES": ALLAUTH_TRUSTED_PROXY_COUNT,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Tensegrity",
    "DESCRIPTION": "The circle structure of an organization, its people, tensions and decisions.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "RoleKind": "circles.models.Role.Kind",
        "TensionState": "tensions.models.Tension.State",
        "ProposalState": "governance.models.Proposal.State",
        "ObjectionState": "governance.models.Objection.State",
        "AmendmentState": "governance.models.Amendment.State",
        "RulingState": "governance.models.Ruling.State",
        "RulingKind": "governance.models.Ruling.Kind",
        "ElectionState": "governance.models.Election.State",
        "ElectedSeat": "governance.models.Election.Seat",
        "TieBreak": "governance.models.Election.TieBreak",
        "AnnouncementKind": "announcements.models.Announcement.Kind",
        "AnnouncementState": "announcements.models.Announcement.State",
        "ReplyKind": "announcements.models.Reply.Kind",
        "ReplyState": "announcements.models.Reply.State",
    },
}

# --- languages and time -------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- files --------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("TENSEGRITY_STATIC_ROOT", default=str(DATA_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if PRODUCTION
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = not PRODUCTION

# --- security -----------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS: list[str] = [SITE_URL]

# Production stands behind a proxy that speaks HTTPS and sets this header.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
SESSION_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_SECURE = PRODUCTION
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0

# --- logging ------------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "stream": sys.stderr, "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": env.str("TENSEGRITY_LOG_LEVEL", default="INFO")},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        "celery": {"level": "WARNING"},
        "kombu": {"level": "WARNING"},
        "uvicorn.access": {"level": "WARNING"},
        "uvicorn.error": {"level": "WARNING"},
    },
}
