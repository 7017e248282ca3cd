"""Every setting, from the environment, with safe defaults only. `docs/settings.md` lists them for operators.

A secret has no default. Wrong combinations are refused by the system checks in `balie/runtime/checks.py`.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from balie.consult.keyservers import KeyServerAt, origins, read_key_servers


def env(name: str, default: str | None = None) -> str:
    """The environment's `name`, or the content of the file that `name`_FILE names. Without default it must be there,
    and not be empty.
    """
    path = os.environ.get(f"{name}_FILE")
    value = Path(path).read_text(encoding="utf-8").strip() if path else os.environ.get(name, default or "")
    if not value and default is None:
        raise ImproperlyConfigured(f"{name} is not set. Give it, or {name}_FILE, in the environment.")
    return value


def env_list(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in env(name, default).split(",") if part.strip()]


def env_int(name: str, default: int) -> int:
    try:
        return int(env(name, str(default)))
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number.") from None


def host_of(origin: str) -> str:
    """Empty where there is none to find; the system checks say what is wrong with such an origin."""
    try:
        return urlsplit(origin).hostname or ""
    except ValueError:
        return ""


def database(url: str, setting: str = "DATABASE_URL") -> dict[str, object]:
    """Django's database settings from a libpq URI, read by libpq itself: several hosts, options and all.

    A host that does not answer is given up within seconds unless the URI says otherwise; pages must not hang on it.
    """
    if not url.startswith(("postgresql://", "postgres://")):
        raise ImproperlyConfigured(f"{setting} must begin with postgresql://, not {url.partition('://')[0]}")
    try:
        options = {"connect_timeout": 5, "tcp_user_timeout": 10_000} | conninfo_to_dict(url)
    except ProgrammingError as fault:
        raise ImproperlyConfigured(f"{setting} is not an address: {str(fault).strip()}") from None
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": options.pop("dbname", ""),
        "USER": options.pop("user", ""),
        "PASSWORD": options.pop("password", ""),
        "HOST": options.pop("host", ""),
        "PORT": options.pop("port", ""),
        "OPTIONS": options,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def watch_database(url: str, folder: str) -> dict[str, object]:
    """Where `balie watch` keeps its ledger: PostgreSQL at `url`, or else a file in `folder`. No other process opens it.

    What is committed is on the disk, and a writer takes its turn when it begins, not halfway.
    """
    if url:
        return database(url, "OPS_DATABASE_URL")
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(Path(folder) / "watch.sqlite"),
        "OPTIONS": {
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL",
            "transaction_mode": "IMMEDIATE",
            "timeout": 2,
        },
    }


def key_servers(text: str) -> tuple[KeyServerAt, ...]:
    """The three key servers, or none where there is no consulting."""
    try:
        return read_key_servers(text) if text else ()
    except ValueError as fault:
        raise ImproperlyConfigured(f"BALIE_KEY_SERVERS: {fault}") from None


def oidc_origin(url: str) -> list[str]:
    """Where the login page's form may lead, besides here."""
    parts = urlsplit(url)
    return [f"{parts.scheme}://{parts.netloc}"] if parts.netloc else []


BASE_DIR = Path(__file__).resolve().parent

SECRET_KEY = env("BALIE_SECRET_KEY")
SECRET_KEY_FALLBACKS = env_list("BALIE_SECRET_KEY_FALLBACKS")
DEBUG = False
DATABASE_URL = env("DATABASE_URL")
WATCH_FOLDER = env("BALIE_WATCH_FOLDER", "/var/lib/balie/watch")
OPS_DATABASE_URL = env("OPS_DATABASE_URL", "")
DATABASES = {"default": database(DATABASE_URL), "ops": watch_database(OPS_DATABASE_URL, WATCH_FOLDER)}
DATABASE_ROUTERS = ["balie.ops.router.OpsRouter"]

# Where people find this installation; the first is the canonical one. Origins of state-changing requests must match.
ORIGINS = env_list("BALIE_ORIGINS", "http://localhost:8000")
ALLOWED_HOSTS = sorted({host_of(origin) for origin in ORIGINS})
CSRF_TRUSTED_ORIGINS = ORIGINS
SECURE = all(origin.startswith("https://") for origin in ORIGINS)

INSTALLED_APPS = [
    "balie.ops",
    "balie.consult",
    "balie.ordering",
    "balie.waitingroom",
    "balie.patients",
    "balie.practices",
    "balie.sms",
    "balie.mail",
    "balie.runtime",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "csp",
    "django_vite",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "balie.runtime.middleware.NumberMiddleware",
    "balie.runtime.middleware.MeasureMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "balie.practices.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "balie.practices.middleware.PracticeMiddleware",
    "balie.patients.middleware.PatientMiddleware",
]
ROOT_URLCONF = env("BALIE_URLCONF", "balie.urls")
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
                "balie.practices.context.who",
                "balie.patients.context.patient",
            ]
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "practices.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["balie.practices.hashing.Argon2"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "balie.practices.login.AccountAdapter"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # we write to nobody who has no account here
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
PASSWORD_RESET_TIMEOUT = 24 * 3600
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_RATE_LIMITS = {"webauthn_login": "30/m/ip"}  # as with passwords: a whole practice may share one address
MFA_ADAPTER = "balie.practices.login.MFAAdapter"
MFA_TOTP_ISSUER = "Balie"
MFA_TOTP_TOLERANCE = 1  # a code typed in its last second still counts
MFA_ALLOW_UNVERIFIED_EMAIL = True  # the organiser makes the accounts, so nobody signs up under another's address
MFA_FORMS = {
    "authenticate": "balie.practices.login.OnceAuthenticateForm",
    "reauthenticate": "balie.practices.login.OnceReauthenticateForm",
}
# How many proxies of ours stand before the pages: limits per client count by what the outermost one saw.
ALLAUTH_TRUSTED_PROXY_COUNT = env_int("BALIE_PROXIES", 0)
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"

# Failed logins and codes already used, shared by all processes: no process can be played off against another.
CACHES = {
    "default": {
        "BACKEND": "balie.practices.cache.LoginCache",
        "LOCATION": "practices_cache",
    }
}

LANGUAGE_CODE = "nl"
LANGUAGES = [("nl", "Nederlands"), ("en", "English")]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Amsterdam"
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
DJANGO_VITE = {"default": {"manifest_path": BASE_DIR / "static/built/manifest.json", "static_url_prefix": "built"}}

# The three key servers of consulting, as docs/keyserver.md writes them; and the seed that signs tokens for them.
KEY_SERVERS = key_servers(env("BALIE_KEY_SERVERS", ""))
TOKEN_SEED = env("BALIE_TOKEN_SEED", "")

# Seals the BSN of patients, and finds it again. Empty: nobody is asked for one.
BSN_KEY = env("BALIE_BSN_KEY", "")

# A broker of DigiD that speaks OpenID Connect, for patients. Empty: they log in with a password.
OIDC_URL = env("BALIE_OIDC_URL", "")
OIDC_BSN_CLAIM = env("BALIE_OIDC_BSN_CLAIM", "bsn")
SOCIALACCOUNT_ADAPTER = "balie.patients.oidc.OidcAdapter"
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "APPS": [
            {
                "provider_id": "digid",
                "name": "DigiD",
                "client_id": env("BALIE_OIDC_CLIENT", ""),
                "secret": env("BALIE_OIDC_SECRET", ""),
                "settings": {"server_url": OIDC_URL},
            }
        ],
        "SCOPE": ["openid"],
        "OAUTH_PKCE_ENABLED": True,
    }
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF, *origins(KEY_SERVERS)],
        "media-src": [SELF],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF, *oidc_origin(OIDC_URL)],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_SSL_REDIRECT = False  # the proxy's task; behind it every request is plain
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"

# The pass of the hot paths (balie/practices/passes.py); it slides, and outlives any ordering window.
PASS_COOKIE = "balie_pass"  # noqa: S105 - a name, no secret
PASS_SECONDS = 12 * 3600
# Open streams per process; past it pages poll.
STREAMS_MOST = env_int("BALIE_STREAMS", 4096)

# Where the draw gets a random value that is not ours: a drand chain's address. Empty: pages say that one must trust us.
BEACON_URL = env("BALIE_BEACON_URL", "")

# Mail goes out through `balie work` only. smtp://user:password@host:port, smtps:// for TLS from the first byte.
SMTP_URL = env("BALIE_SMTP_URL", "smtp://localhost:25")
MAIL_FROM = env("BALIE_MAIL_FROM", "Balie <balie@localhost>")
MAIL_DOMAIN = env("BALIE_MAIL_DOMAIN", "localhost")
# Mail that cannot be delivered comes back to this domain, whose mail server brings it to `balie bounces` by LMTP.
BOUNCE_DOMAIN = env("BALIE_BOUNCE_DOMAIN", MAIL_DOMAIN)
LMTP_BIND = env("BALIE_LMTP_BIND", "")

# What probes of `balie watch` need: the product's database as a role that may do little, its replicas, a mailbox.
WATCH_DSN = env("BALIE_WATCH_DSN", DATABASE_URL)
WATCH_REPLICAS = env_list("BALIE_WATCH_REPLICAS")
WATCH_MAILBOX = env("BALIE_WATCH_MAILBOX", "")
WATCH_MAILDIR = env("BALIE_WATCH_MAILDIR", "")

# After how many minutes whoever was written to hears by mail that there is something, if nobody has read it; 0: never.
UNREAD_MAIL_MINUTES = env_int("BALIE_UNREAD_MAIL_MINUTES", 15)

# Text messages go out through `balie work` too, to whoever asked for them: an address of Apprise, with {to} for the
# number. Empty: none are sent, and nobody is asked for a number.
SMS_URL = env("BALIE_SMS_URL", "")

# The helpline's number, where no campaign gives its own: on pages about faults, and for when everything is down.
HELP_PHONE = env("BALIE_HELP_PHONE", "")

# `balie watch`: its graph (empty: the one for a standard installation), how often each probe looks and how long it may
# take, where people find the console, and who is told that the watch itself lives.
WATCH_GRAPH = env("BALIE_WATCH_GRAPH", "")
WATCH_INTERVAL_S = env_int("BALIE_WATCH_INTERVAL", 5)
WATCH_URL = env("BALIE_WATCH_URL", "http://localhost:8400")
WATCH_PING = env("BALIE_WATCH_PING", "")
# Where the watch writes the public status page, for any web server to serve, and where people find it.
STATUS_FOLDER = env("BALIE_STATUS_FOLDER", f"{WATCH_FOLDER}/status")
STATUS_URL = env("BALIE_STATUS_URL", f"{WATCH_URL}/status")
# Its subscribers: the mail server for them, not Balie's own, which may be what failed (empty: none by mail); and
# whether webhooks may lead into this network, as in a demo.
STATUS_SMTP_URL = env("BALIE_STATUS_SMTP_URL", "")
WEBHOOKS_INSIDE = env_int("BALIE_WEBHOOKS_INSIDE", 0) != 0
# So many practices that tell the same within so many minutes are an outage that no probe sees.
REPORTS_MOST = env_int("BALIE_REPORTS", 3)
REPORTS_MINUTES = env_int("BALIE_REPORTS_MINUTES", 10)
# Who is woken (docs/on-call.md). Empty: nobody.
ONCALL = env("BALIE_ONCALL", "")
WATCH_OTHER = env("BALIE_WATCH_OTHER", "")

# Who collects traces, as OpenTelemetry does (OTLP over HTTP). Empty: nobody, and nothing of it is loaded.
TRACES = env("BALIE_TRACES", "")

LOGGING_CONFIG = None

SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # other names under this domain are not ours to bind
    "security.W008",  # the proxy's task; behind it every request is plain
    "security.W021",  # nor is the list that browsers ship
]
