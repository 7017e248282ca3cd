"""The demo's mailbox: whoever looks finds the mail, and no mail can do anything to who looks."""

import json
import os

import pytest
from aiosmtpd.smtp import Envelope
from django.utils import timezone

from balie.embedded.sink import Store
from balie.embedded.smsbox import file_beside
from balie.mail.bounce_address import Round
from balie.mail.rendering import Attachment, Rendered, pack

pytestmark = [pytest.mark.django_db, pytest.mark.urls("balie.embedded.urls")]

HTML = "<!doctype html><html><head><title>x</title></head><body><h1>Vast</h1><script>alert(1)</script></body></html>"


@pytest.fixture
def maildir(tmp_path, monkeypatch):
    monkeypatch.setenv("BALIE_DEMO_MAILDIR", str(tmp_path / "mail"))
    return tmp_path / "mail"


@pytest.fixture
def deliver(maildir):
    def one(number=1, html=HTML, files=()):
        words = Rendered(
            subject=f"B27-{number:05}: uw bestelling staat vast – één",
            text=f"Open https://balie.example/{number}",
            html=html,
            attachments=files,
        )
        parcel = pack(
            words,
            sent=Round(number, 1),
            message_id=f"{number}@x.example",
            recipient=f"post@praktijk{number}.example",
            written_at=timezone.now(),
        )
        envelope = Envelope()
        envelope.mail_from, envelope.rcpt_tos = parcel.sender, [parcel.recipient]
        envelope.original_content = parcel.content
        before = set(maildir.glob("new/*"))
        Store(maildir, None).keep(envelope)
        (path,) = set(maildir.glob("new/*")) - before
        os.utime(path, (1_800_000_000 + number, 1_800_000_000 + number))
        return path.name

    return one


def test_an_empty_mailbox_says_what_it_takes(client, maildir):
    page = client.get("/postvak/")
    assert page.status_code == 200
    assert "Er is nog geen mail verstuurd" in page.content.decode()


def test_lists_the_newest_first(client, deliver):
    for number in (1, 3, 2):
        deliver(number)
    page = client.get("/postvak/").content.decode()
    assert page.index("B27-00003") < page.index("B27-00002") < page.index("B27-00001")
    assert "3 mails" in page
    assert "post@praktijk2.example" in page


def test_finds_by_number_and_by_address(client, deliver):
    for number in range(1, 4):
        deliver(number)
    for words in ("b27-00002", "praktijk2 VAST"):
        page = client.get("/postvak/", {"zoek": words}).content.decode()
        assert "1 mail<" in page
        assert "B27-00002" in page
        assert "B27-00001" not in page
    assert "Geen mail met “&lt;b&gt;”" in client.get("/postvak/", {"zoek": "<b>"}).content.decode()


def test_a_long_list_shows_the_newest_hundred(client, deliver):
    for number in range(1, 103):
        deliver(number)
    page = client.get("/postvak/").content.decode()
    assert "102 mails; hier staan de nieuwste 100" in page
    assert "B27-00002" not in page


def test_shows_one_mail_with_links_in_its_text(client, deliver):
    page = client.get(f"/postvak/{deliver(7)}/").content.decode()
    assert "B27-00007: uw bestelling staat vast – één" in page
    assert 'href="https://balie.example/7"' in page
    assert "&lt;7@x.example&gt;" in page
    assert "bounces+7.1-" in page
    assert "<script>alert" not in page


def test_the_page_may_frame_our_own_and_nothing_else(client, deliver):
    page = client.get(f"/postvak/{deliver(7)}/")
    assert "frame-src 'self'" in page["Content-Security-Policy"]
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page.content.decode()


def test_the_html_of_a_mail_may_do_nothing_but_look(client, deliver):
    frame = client.get(f"/postvak/{deliver(7)}/html/")
    assert frame["X-Frame-Options"] == "SAMEORIGIN"
    assert {part.strip() for part in frame["Content-Security-Policy"].split(";")} == {
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "frame-ancestors 'self'",
        "sandbox allow-popups allow-popups-to-escape-sandbox",
    }
    assert '<head><base target="_blank">' in frame.content.decode()


def test_a_mail_of_text_only_has_no_frame(client, deliver):
    assert "<iframe" not in client.get(f"/postvak/{deliver(7, html='')}/").content.decode()


def test_what_came_with_a_mail_can_be_downloaded_and_nothing_more(client, deliver):
    page = deliver(7, files=[Attachment("bestelling-é.pdf", "application/pdf", b"%PDF-\xff")])
    assert "bestelling-é.pdf</a>" in client.get(f"/postvak/{page}/").content.decode()
    file = client.get(f"/postvak/{page}/bijlage/1/")
    assert file.getvalue() == b"%PDF-\xff"
    assert file["Content-Disposition"].startswith("attachment; ")
    for number in (0, 2):
        assert client.get(f"/postvak/{page}/bijlage/{number}/").status_code == 404
    assert "Bijlagen" not in client.get(f"/postvak/{deliver(8)}/").content.decode()


@pytest.mark.parametrize("key", ["weg", "..", "%2e%2e%2fsecret", "a%00b"])
def test_what_is_not_there_is_not_found(client, maildir, deliver, key):
    deliver()
    (maildir / "secret").write_text("x")
    assert client.get(f"/postvak/{key}/").status_code == 404
    assert client.get(f"/postvak/{key}/html/").status_code == 404


def test_without_the_demo_there_is_no_mailbox(client, settings):
    settings.ROOT_URLCONF = "balie.urls"
    assert client.get("/postvak/").status_code == 404


def test_text_messages_stand_beside_the_mails_the_newest_first(client, maildir):
    file = file_beside(maildir)
    lines = [{"at": 1_800_000_000 + n, "to": f"+3161234567{n}", "words": f"Balie: bestelling {n}"} for n in range(8)]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    page = client.get("/postvak/").content.decode()
    assert page.index("Balie: bestelling 7") < page.index("Balie: bestelling 3")
    assert "aan 06 12345677" in page
    assert "Balie: bestelling 2" not in page
    assert "8 sms’en in totaal" in page
    found = client.get("/postvak/?zoek=bestelling 12345672").content.decode()
    assert "Balie: bestelling 2" in found
    assert "Balie: bestelling 7" not in found


def test_without_texts_nothing_is_said_of_them(client, maildir):
    assert "in totaal" not in client.get("/postvak/").content.decode()
