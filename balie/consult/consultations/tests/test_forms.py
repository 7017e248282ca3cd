"""Forms as data: each file holds, and is offered in both languages."""

from balie.consult.consultations.forms import all_forms, forms_in
from balie.consult.models import Agreement


def test_every_kind_has_a_form_and_says_what_it_asks_in_both_languages():
    kinds = {kind for form in all_forms() for kind in form.kinds}
    assert kinds == set(Agreement.Kind.values)
    for form in all_forms():
        for words in (form.name, *(field.label for field in form.fields)):
            assert set(words) == {"nl", "en"}
        assert any(field.required for field in form.fields)


def test_a_filled_in_form_fits_in_a_message():
    """Every field as full as it may be, in letters of four bytes, is not above an envelope of 160 KiB."""
    for form in all_forms():
        assert sum(4 * (field.most + 200) for field in form.fields) * 4 / 3 * 4 / 3 < 160 * 1024, form.form


def test_they_are_shown_in_the_readers_language():
    assert forms_in("nl")[0]["fields"][0]["label"] == "Uw vraag"
    assert forms_in("en")[0]["fields"][0]["label"] == "Your question"
