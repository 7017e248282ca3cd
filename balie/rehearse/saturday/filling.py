"""The posts, who works there and who is treated there, with their passes. Set-up, before anything is measured or
judged.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password

from balie.patients.testing import make_patient
from balie.practices.models import Person, Practice
from balie.practices.passes import make_pass
from balie.practices.testing import make_membership, make_practice

NURSES = (2, 2, 1, 1)  # of each post
GPS = ((0, 1), (2, 3))  # of which posts each is
POSTS = ("Noord", "Oost", "Zuid", "West")


@dataclass(frozen=True)
class Member:
    """Somebody's pass, and the posts they are of; the first is the one they work for."""

    held: str
    posts: tuple[int, ...]


@dataclass(frozen=True)
class Staffed:
    """`keys` and `codes` (AGB): of the practices, by post."""

    keys: list[int]
    codes: list[str]
    nurses: list[Member]
    gps: list[Member]
    patients: list[Member]


def staff_posts(patients: int) -> Staffed:
    """Four posts; patients are divided over them."""
    practices = [make_practice(f"Huisartsenpost {name}") for name in POSTS]
    nobody_logs_in = make_password(None)

    def person(name: str) -> Person:
        email = f"{name.lower().replace(' ', '')}@post.example"
        return Person.objects.create(email=email, name=name, password=nobody_logs_in)

    def worker(name: str, posts: tuple[int, ...], role: str) -> Member:
        made = person(name)
        for post in posts:
            make_membership(made, practices[post])
        return Member(_pass(made, practices[posts[0]], role), posts)

    def patient(number: int) -> Member:
        made, post = person(f"Zaterdagpatient {number}"), number % len(practices)
        make_patient(practices[post], made)
        return Member(_pass(made, None, "gp"), (post,))

    nurses = [
        worker(f"Triagist {post} {number}", (post,), "assistant")
        for post, count in enumerate(NURSES)
        for number in range(count)
    ]
    return Staffed(
        keys=[each.pk for each in practices],
        codes=[each.agb_code for each in practices],
        nurses=nurses,
        gps=[worker(f"Huisarts {number}", posts, "gp") for number, posts in enumerate(GPS)],
        patients=[patient(number) for number in range(patients)],
    )


def _pass(person: Person, practice: Practice | None, role: str) -> str:
    return make_pass(person=person.pk, practice=practice.pk if practice else None, role=role, organiser=False)
