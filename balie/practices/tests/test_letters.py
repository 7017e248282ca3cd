from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from balie import practices
from balie.mail.models import OutboxMail
from balie.practices.letters import write_letter
from balie.practices.testing import make_person, make_practice

pytestmark = pytest.mark.django_db

LETTERS = sorted(path.stem for path in Path(practices.__file__).parent.glob("templates/practices/letters/*.txt"))


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
@pytest.mark.parametrize("name", LETTERS)
def test_every_letter_says_the_same_in_the_house_look(name, language):
    person = make_person("Anna <b>de</b> Vries")
    person.language = language
    about = {"actor": person, "practice": make_practice(), "is_new": True, "what": "Iets.", "until": timezone.now()}
    write_letter(name, person, about)
    body = OutboxMail.objects.get().body
    assert body is not None
    subject, text, html = body["subject"], body["text"], body["html"]
    assert f"{subject}</h1>" in html
    assert f'lang="{language}"' in html
    assert "border-bottom:6px solid #5a1d4f" in html, "the desk's edge"
    assert "Anna <b>de</b> Vries" in text
    assert "Anna &lt;b&gt;de&lt;/b&gt; Vries" in html
    addresses = [line for line in text.splitlines() if line.startswith(settings.ORIGINS[0])]
    assert addresses
    assert all(f'<a href="{address}"' in html for address in addresses)
    sentences = [line for line in text.splitlines() if line and line not in addresses and "Anna" not in line]
    assert all(line.replace("'", "&#x27;") in html for line in sentences)
