"""What a watch lacks is said before the night, on the machine that runs it."""

from balie.ops.checks import check_watch


def test_a_watch_that_may_do_everything_or_sees_no_mail_is_a_warning(settings, tmp_path):
    settings.WATCH_FOLDER = str(tmp_path / "watch")
    settings.WATCH_DSN = settings.DATABASE_URL
    settings.WATCH_MAILBOX = settings.WATCH_MAILDIR = ""
    assert list(check_watch()) == []  # no watch runs here
    (tmp_path / "watch").mkdir()
    assert [each.id for each in check_watch()] == ["balie.W006", "balie.W007"]
    settings.WATCH_DSN = "postgresql://balie_watch@db.example/balie"
    settings.WATCH_MAILBOX, settings.WATCH_MAILDIR = "watch@balie.example", "/var/mail/watch"
    assert list(check_watch()) == []
    settings.WEBHOOKS_INSIDE = True
    assert [each.id for each in check_watch()] == ["balie.W008"]
