"""What goes over the wire is right by the standards, and the same each time."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest

from balie.mail.bounce_address import Round
from balie.mail.rendering import MOST_ATTACHED, Attachment, BadAddressError, Rendered, pack

WRITTEN = datetime(2027, 6, 3, 22, 31, 5, tzinfo=UTC)
WORDS = Rendered(
    subject="Uw bestelling B27-01198 staat vast – 650 doses",
    text="Eén regel.\n.\n..punten\n" + "lang " * 400,
    html='<!doctype html><html lang="nl"><body><p>Eén regel.</p></body></html>',
)


PDF = Attachment("y.pdf", "application/pdf", b"y")


def make_parcel(words=WORDS, **changes):
    return pack(
        words,
        **{
            "sent": Round(17, 1),
            "message_id": "b27-01198.2027@balie.example",
            "recipient": "post@praktijk.example",
            "written_at": WRITTEN,
        }
        | changes,
    )


def read(parcel):
    return message_from_bytes(parcel.content, policy=default)


@pytest.fixture(autouse=True)
def sender(settings):
    settings.MAIL_FROM = "Balie café <balie@balie.example>"
    settings.MAIL_DOMAIN = "balie.example"


def test_headers_say_who_when_and_that_no_person_wrote_it():
    message = read(make_parcel())
    assert message["Message-ID"] == "<b27-01198.2027@balie.example>"
    assert message["Date"] == "Fri, 04 Jun 2027 00:31:05 +0200"
    assert message["From"] == "Balie café <balie@balie.example>"
    assert message["To"] == "post@praktijk.example"
    assert message["Subject"] == WORDS.subject
    assert message["Content-Language"] == "nl"
    assert message["Auto-Submitted"] == "auto-generated"


def test_carries_text_and_html_of_which_programs_choose():
    message = read(make_parcel())
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert message.get_body(("plain",)).get_content().replace("\r\n", "\n").rstrip("\n") == WORDS.text
    assert message.get_body(("html",)).get_content().strip() == WORDS.html


def test_a_mail_may_be_text_only():
    message = read(make_parcel(Rendered(subject="Kort", text="Eén.", html="", language="en")))
    assert message.get_content_type() == "text/plain"
    assert message["Content-Language"] == "en"


def test_every_server_can_carry_the_content():
    content = make_parcel().content
    assert content.isascii()
    assert all(len(line) <= 998 for line in content.split(b"\r\n"))
    assert b"\n" not in content.replace(b"\r\n", b"")


def test_a_long_message_id_stays_whole():
    long = "b27-01198." + "campagne-" * 12 + "2027@balie.example"
    assert f"Message-ID: <{long}>\r\n".encode() in make_parcel(message_id=long).content


def test_files_go_with_it_and_keep_their_bytes_and_names():
    pdf = Attachment("bestelling-B27-01198.pdf", "application/pdf", b"%PDF-1.7\r\n.\n\xff")
    ics = Attachment("bezorging.ics", "text/calendar", b"BEGIN:VCALENDAR\r\n", {"method": "PUBLISH"})
    message = read(make_parcel(replace(WORDS, attachments=[pdf, ics])))
    assert message.get_content_type() == "multipart/mixed"
    assert message["Content-Language"] == "nl"
    assert message.get_body(("html",)).get_content().strip() == WORDS.html
    first, second = message.iter_attachments()
    assert (first.get_filename(), first.get_content_type()) == (pdf.name, "application/pdf")
    assert first.get_content() == pdf.content
    assert second["Content-Type"].params["method"] == "PUBLISH"
    assert second.get_payload(decode=True) == ics.content


def test_files_that_are_too_large_stay_behind():
    parcel = make_parcel(
        replace(WORDS, attachments=[Attachment("x.pdf", "application/pdf", b"x" * MOST_ATTACHED), PDF])
    )
    assert read(parcel).get_content_type() == "multipart/alternative"
    whole = make_parcel(replace(WORDS, attachments=[Attachment("x.pdf", "application/pdf", b"x" * MOST_ATTACHED)]))
    assert len(whole.content) < 10_000_000


def test_a_domain_with_accents_travels_as_dns_knows_it():
    parcel = make_parcel(recipient="post@praktijk-één.example")
    assert parcel.recipient.isascii()
    assert parcel.recipient.partition("@")[2].encode().decode("idna") == "praktijk-één.example"
    assert read(parcel)["To"] == parcel.recipient


@pytest.mark.parametrize(
    "address",
    [
        "",
        "geen adres",
        "@praktijk.example",
        "post@",
        "post@praktijk..example",
        "a@x.example, b@x.example",
        "post@x.example\r\nBcc: allen@x.example",
        "pöst@praktijk.example",
        "post@" + "a" * 64 + ".example",
        "<post@x.example>",
        "Naam <post@x.example>",
    ],
)
def test_what_is_not_one_plain_address_is_refused(address):
    with pytest.raises(BadAddressError, match="e-mail address"):
        make_parcel(recipient=address)


def test_a_subject_cannot_smuggle_headers_in():
    with pytest.raises(ValueError, match=r"(?i)linefeed|newline"):
        make_parcel(Rendered(subject="Vast\r\nBcc: allen@x.example", text="", html=""))
