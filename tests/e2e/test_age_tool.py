"""The tool through which journeys open what people keep: it opens, and says so when it does not."""

import pyrage
import pytest

from tests.e2e.age_tool import open_by_words

pytestmark = pytest.mark.slow


def test_what_the_client_without_a_screen_locks_opens_by_its_words_and_no_others():
    content = bytes(range(256)) * 1000
    file = pyrage.passphrase.encrypt(content, "akker-bodem-citroen")
    assert open_by_words(file, "akker-bodem-citroen") == content
    with pytest.raises((ValueError, pyrage.DecryptError)):
        open_by_words(file, "akker-bodem-deken")
