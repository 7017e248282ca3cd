"""Whom of one's practice one can write to."""

from balie.ordering.tests.web import Browser, off_loop
from balie.practices.models import Person
from balie.practices.passes import make_pass
from balie.practices.testing import make_membership, make_practice


async def test_colleagues_with_keys_are_listed_and_nobody_else(strangers):
    anna, bilal, chris, dina = strangers

    def settle() -> int:
        practice = make_practice()
        for each in (anna, bilal, chris):
            make_membership(Person.objects.get(pk=each.holder.person), practice)
        return practice.pk

    practice = await off_loop(settle)
    for each in (anna, bilal, dina):
        await each.post(each.holder.new_key())
    asks = Browser(
        chris.browser.app, make_pass(person=chris.holder.person, practice=practice, role="gp", organiser=False)
    )
    listed = [{"person": anna.holder.id, "name": "Anna"}, {"person": bilal.holder.id, "name": "Bilal"}]
    assert (await asks.get("/live/consult/people")).json == {"you": None, "people": listed}
    assert await dina.get("people") == {"you": dina.holder.id, "people": []}
