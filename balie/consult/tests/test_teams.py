"""Teams for whoever writes to one: found by name, checked by their acts, unknown to who has no business with them."""

import pytest

from balie.consult.protocol.suite import public_of
from balie.consult.testing import new_name
from balie.consult.tests.clients import ROOT, Client, names
from balie.consult.tests.keyholders import named
from balie.consult.tests.test_group_keys import opened
from balie.ordering.tests.web import Browser, off_loop
from balie.practices.passes import make_pass
from balie.practices.testing import make_practice


def team_of(answer) -> list[str]:
    return names(answer["events"])


async def at_work(client: Client) -> Browser:
    """The same person, at work for a practice of their own."""
    practice = await off_loop(make_practice)
    held = make_pass(person=client.holder.person, practice=practice.pk, role="gp", organiser=False)
    return Browser(client.browser.app, held)


async def call_it(browser, team, name="Vakgroep cardiologie"):
    return await browser.post(f"{ROOT}team", {"team": team, "name": name})


@pytest.fixture
async def team(clients):
    """Of Bilal, who administers it, and Chris: its name, and its key's."""
    _, bilal, chris, _ = clients
    return await bilal.begin("team", chris.holder)


async def test_a_team_with_a_name_is_found_and_can_be_sealed_to(clients, team):
    anna, bilal, *_ = clients
    name, key = team
    theirs, hers = await at_work(bilal), await at_work(anna)
    assert (await call_it(theirs, name)).status == 200
    listed = (await hers.get(f"{ROOT}teams?find=CARDIO")).json["teams"]
    assert [(each["team"], each["name"]) for each in listed] == [(name, "Vakgroep cardiologie")]
    assert (await hers.get(f"{ROOT}teams?find=longen")).json == {"teams": []}
    answer = (await hers.get(f"{ROOT}team?team={name}")).json
    assert (answer["name"], answer["practice"]) == ("Vakgroep cardiologie", listed[0]["practice"])
    create, keyed = answer["events"]
    assert (create["statement"]["name"], keyed["statement"]["name"]) == (name, team_of(answer)[1])
    assert "sealed" not in keyed["statement"]
    seed = await opened(bilal, name, key)
    act = anna.holder.create("conversation", f"team:{name}")
    to = {anna.holder.member: anna.holder.public, f"team:{name}": public_of(seed)}
    stated, _ = anna.holder.key("conversation", named(act), [named(act)], to)
    assert (await anna.post(act, stated)).status == 200


async def test_a_team_without_a_name_does_not_exist_for_who_has_no_business_with_it(clients, team):
    anna, bilal, chris, dina = clients
    name, _ = team
    hers = await at_work(anna)
    absent = await hers.get(f"{ROOT}team?team={new_name()}")
    forbidden = await hers.get(f"{ROOT}team?team={name}")
    assert (absent.status, absent.body) == (forbidden.status, forbidden.body) == (404, absent.body)
    assert (await hers.get(f"{ROOT}teams")).json == {"teams": []}
    assert team_of(await chris.get(f"team?team={name}"))[0] == name
    act = bilal.holder.create("conversation", f"team:{name}", anna.holder.member, acting=f"team:{name}")
    assert (await bilal.post(act)).status == 200
    assert team_of(await anna.get(f"team?team={name}"))[0] == name
    assert (await dina.browser.get(f"{ROOT}team?team={name}")).status == 404


async def test_a_named_team_is_for_who_has_keys_and_works_for_a_practice(strangers):
    anna, bilal, chris, _ = strangers
    for each in (bilal, chris):
        await each.post(each.holder.new_key())
    name, _ = await bilal.begin("team")
    await call_it(await at_work(bilal), name)
    without_keys = await at_work(anna)
    assert (await without_keys.get(f"{ROOT}team?team={name}")).status == 404
    assert (await chris.browser.get(f"{ROOT}team?team={name}")).status == 404
    assert await chris.get("teams") == {"teams": []}
    assert (await (await at_work(chris)).get(f"{ROOT}team?team={name}")).status == 200  # the control


async def test_administrators_alone_name_a_team(clients, team):
    anna, bilal, chris, _ = clients
    name, _ = team
    assert (await call_it(chris.browser, name)).code == "rejected"
    outside, absent = await call_it(anna.browser, name), await call_it(anna.browser, new_name())
    assert (outside.status, outside.body) == (absent.status, absent.body) == (404, absent.body)
    for wrong in ("", " Vakgroep", "a" * 81):
        assert (await call_it(bilal.browser, name, wrong)).code == "bad_request"
    for right in ("Cardiologie", "Vakgroep hart"):
        assert (await call_it(bilal.browser, name, right)).status == 200
    assert (await chris.get(f"team?team={name}"))["name"] == "Vakgroep hart"
    entries = (await bilal.get(f"log?group={name}"))["entries"]
    assert [each["detail"] for each in entries if each["what"] == "named"][-1] == '{"name":"Vakgroep hart"}'


async def test_who_is_no_longer_in_a_team_or_a_conversation_with_it_no_longer_knows_it(clients, team):
    anna, bilal, chris, _ = clients
    name, _ = team
    act = bilal.holder.create("conversation", f"team:{name}", anna.holder.member, acting=f"team:{name}")
    gone = bilal.holder.remove(named(act), anna.holder.member, [named(act)], acting=f"team:{name}")
    await bilal.post(act)
    assert (await anna.browser.get(f"{ROOT}team?team={name}")).status == 200
    await bilal.post(gone, bilal.holder.remove(name, chris.holder.member, [name]))
    for each in (anna, chris):
        assert (await each.browser.get(f"{ROOT}team?team={name}")).status == 404


async def test_what_is_new_of_a_team_is_asked_for_from_a_number_on_and_retired_keys_are_left_out(clients, team):
    _, bilal, chris, _ = clients
    name, _ = team
    before = await bilal.get(f"team?team={name}")
    assert (len(before["events"]), before["more"]) == (2, False)
    removal = bilal.holder.remove(name, chris.holder.member, [name])
    fresh, _ = bilal.holder.key("team", name, [named(removal)], {bilal.holder.member: bilal.holder.public})
    await bilal.post(removal, fresh)
    after = await bilal.get(f"team?team={name}&after={before['after']}")
    assert team_of(after) == [named(removal), named(fresh)]
    assert team_of(await bilal.get(f"team?team={name}")) == [name, named(removal), named(fresh)]
