"""How passwords are kept."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """Argon2id with what OWASP asks at least: 19 MiB, two passes, one lane.

    Django's own 100 MiB in eight lanes would let one login take every core of a machine, and five thousand people come
    within minutes. Passwords have twelve characters at least, attempts are limited, and a second factor stands behind
    them. One lane: a login never takes more than one core.
    """

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
