"""The demo's mailbox: all mails and texts that Balie sent to anybody. It is on one's own machine: nobody logs in."""

from io import BytesIO

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp, csp_update
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from balie.embedded import mailbox, smsbox

_SHOWN = 100
_TEXTS_SHOWN = 5
_SANDBOX = ["allow-popups", "allow-popups-to-escape-sandbox"]
_STYLES_ONLY = {
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "frame-ancestors": [SELF],
    "sandbox": _SANDBOX,
}


@require_safe
@never_cache
def list_mails(request: HttpRequest) -> HttpResponse:
    """All mails and the last texts, newest first; `?zoek=` narrows them down."""
    words, folder = request.GET.get("zoek", ""), mailbox.folder()
    mails = mailbox.list_mails(folder, words=words)
    texts = smsbox.list_texts(smsbox.file_beside(folder), words=words)
    context = {
        "words": words,
        "mails": mails[:_SHOWN],
        "count": len(mails),
        "shown": min(len(mails), _SHOWN),
        "texts": texts[:_TEXTS_SHOWN],
        "texts_count": len(texts),
    }
    return render(request, "embedded/mailbox.html", context)


@require_safe
@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type]  # django-csp's types know no views with arguments
def show_mail(request: HttpRequest, key: str) -> HttpResponse:
    """One mail: its words as text, and as its reader's program would show it."""
    letter = _open(key)
    return render(request, "embedded/mail.html", {"letter": letter, "sandbox": " ".join(_SANDBOX)})


@require_safe
@xframe_options_sameorigin
@csp(_STYLES_ONLY)  # type: ignore[arg-type]  # as above
def show_html(_request: HttpRequest, key: str) -> HttpResponse:
    """The HTML of one mail, for the frame: styles are all it may do, and its links open a window of their own."""
    html = _open(key).html
    return HttpResponse(html.replace("<head>", '<head><base target="_blank">', 1))


@require_safe
def download_file(_request: HttpRequest, key: str, number: int) -> FileResponse:
    """One file that came with a mail, counted from 1. Always a download: whatever it holds, it is no page of ours."""
    files = _open(key).files
    if not 1 <= number <= len(files):
        raise Http404
    file = files[number - 1]
    return FileResponse(BytesIO(file.content), as_attachment=True, filename=file.name, content_type=file.media_type)


def _open(key: str) -> mailbox.Letter:
    try:
        return mailbox.open_mail(mailbox.folder(), key)
    except mailbox.NoSuchMailError:
        raise Http404 from None
