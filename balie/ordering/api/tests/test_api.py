"""What programs may do, from reading to cancelling; and what they may not, which looks as if it were not there."""

from uuid import uuid4

import pytest

from balie.ordering.api.tests.programs import Program
from balie.ordering.models import Campaign, Order, PreparedOrder
from balie.ordering.tests.desk import MONDAY, TUESDAY
from balie.ordering.tests.web import off_loop
from balie.practices.connections import close_connection
from balie.practices.models import AuditEvent, Connection, Membership, Person, Practice
from balie.practices.services import revoke_passes
from balie.practices.webhooks.models import WebhookDelivery
from balie.practices.webhooks.services import add_webhook


def line(desk, member, doses=500, day=MONDAY):
    return {"product": desk.flu, "location": member.home, "doses": doses, **({"day": day} if day else {})}


async def hold(program, desk, member, *lines, key=None, **body):
    wish = {"lines": list(lines or (line(desk, member),)), **body}
    path = f"/live/api/v1/campaigns/{desk.campaign}/hold"
    return await program.post(path, wish, idempotency_key=key or str(uuid4()))


async def confirm(program, desk, key):
    return await program.post(f"/live/api/v1/campaigns/{desk.campaign}/hold/{key}/confirm")


async def order(program, desk, member):
    held = await hold(program, desk, member)
    placed = await confirm(program, desk, held.json["key"])
    return placed.json["number"]


async def test_from_reading_to_an_order_that_is_cancelled(linde, desk):
    practice = (await linde.get("/api/v1/practice")).json
    assert [place["id"] for place in practice["locations"]] == [desk.linde.home, desk.linde.annex]
    listed = (await linde.get("/api/v1/campaigns")).json
    assert [each["id"] for each in listed["campaigns"]] == [desk.campaign]
    campaign = (await linde.get(f"/api/v1/campaigns/{desk.campaign}")).json
    assert campaign["days"][0] == "2027-10-04"
    assert campaign["products"][0] | {"id": 0} == {
        "id": 0,
        "code": "flu",
        "name": "Griepvaccin",
        "step": 10,
        "minimum": 10,
        "cap": None,
        "ordered_last_year": None,
        "administered_last_year": None,
    }
    held = await hold(linde, desk, desk.linde)
    assert (held.status, held.json["remaining_ms"]) == (200, 300_000)
    days = (await linde.get(f"/live/api/v1/campaigns/{desk.campaign}/availability")).json["days"]
    assert days[0]["doses"]["limit"] == 1000
    placed = await confirm(linde, desk, held.json["key"])
    assert placed.status == 200
    number = placed.json["number"]
    read = (await linde.get(f"/api/v1/orders/{number}")).json
    assert (read["state"], [each["doses"] for each in read["lines"]]) == ("placed", [500])
    standing = (await linde.get(f"/live/api/v1/campaigns/{desk.campaign}/standing")).json
    assert standing["order"]["number"] == number
    cancelled = await linde.post(f"/api/v1/orders/{number}/cancel", {"reason": "verkeerd HIS"})
    assert cancelled.status == 200
    again = await linde.post(f"/api/v1/orders/{number}/cancel", {})
    assert again.json == cancelled.json
    assert (await linde.get(f"/api/v1/orders/{number}")).json["state"] == "cancelled"


async def test_the_log_says_which_program_did_it(linde, desk):
    number = await order(linde, desk, desk.linde)
    event = await off_loop(lambda: AuditEvent.objects.select_related("actor").get(action="order.placed"))
    assert (event.subject, event.actor.name, event.practice_id) == (number, "HIS", desk.linde.practice)


async def test_one_key_holds_once_and_brings_the_same_answer(linde, desk):
    key = str(uuid4())
    first, again = [await hold(linde, desk, desk.linde, key=key) for _ in range(2)]
    assert first.status == again.status == 200
    assert first.json["expires_at"] == again.json["expires_at"]
    other = await hold(linde, desk, desk.linde, line(desk, desk.linde, 600), key=key)
    assert (other.status, other.code) == (422, "key_reused")
    ranked = await hold(linde, desk, desk.linde, line(desk, desk.linde, 500, None), ranking=[MONDAY], key=key)
    assert ranked.status == 200
    elsewhere = await hold(linde, desk, desk.linde, line(desk, desk.linde, 500, None), ranking=[TUESDAY], key=key)
    assert elsewhere.code == "key_reused"


@pytest.mark.parametrize("key", ["", "geen uuid", "{00000000-0000-0000-0000-000000000001}"])
async def test_a_hold_needs_a_key(linde, desk, key):
    wish = {"lines": [line(desk, desk.linde)]}
    answer = await linde.post(f"/live/api/v1/campaigns/{desk.campaign}/hold", wish, idempotency_key=key)
    assert (answer.status, answer.json["errors"][0]["at"]) == (400, "Idempotency-Key")


async def test_no_program_goes_before_its_number(site, desk, conn):
    await conn.execute("update waitingroom_room set called = 1")
    await site.pictures.read_anew()
    eik = await Program.of(site, desk.eik.practice)
    refused = await hold(eik, desk, desk.eik)
    assert (refused.status, refused.code, refused.json["called"]) == (409, "not_called", 1)
    queue = (await eik.get(f"/live/api/v1/campaigns/{desk.campaign}/queue")).json
    assert (queue["called"], queue["ticket"]["number"], queue["ticket"]["called"]) == (1, 2, False)


async def test_its_place_is_the_practices_one_place(linde, desk):
    path = f"/live/api/v1/campaigns/{desk.campaign}/queue"
    joined = await linde.post(f"{path}/join")
    assert joined.json == (await linde.get(path)).json["ticket"]


async def test_programs_and_browsers_take_from_the_same_days(linde, eik, desk):
    assert (await hold(linde, desk, desk.linde, line(desk, desk.linde, 800))).status == 200
    refused = await hold(eik, desk, desk.eik, line(desk, desk.eik, 300))
    assert (refused.code, refused.json["days"], refused.json["alternatives"]) == (
        "full",
        ["2027-10-04"],
        ["2027-10-05", "2027-10-06"],
    )


async def test_what_is_of_another_practice_is_not_there(linde, eik, desk):
    number = await order(linde, desk, desk.linde)
    other = await eik.get(f"/api/v1/orders/{number}")
    none = await eik.get("/api/v1/orders/B27-99999")
    assert (other.status, other.body) == (none.status, none.body) == (404, none.body)
    assert (await eik.post(f"/api/v1/orders/{number}/cancel", {})).status == 404
    key = str(uuid4())
    assert (await hold(linde, desk, desk.linde, line(desk, desk.eik), key=key)).code in {"bad_lines", "already_ordered"}
    assert (await eik.get("/api/v1/orders")).json == {"orders": [], "next": None}


@pytest.mark.parametrize("token", [None, "nooit gegeven", ""])
@pytest.mark.parametrize("path", ["/api/v1/practice", "/live/api/v1/campaigns/1/queue"])
async def test_without_a_token_nothing_is_told(site, token, path):
    answer = await Program(site, token).get(path)
    assert (answer.status, answer.code, answer.headers["www-authenticate"]) == (401, "no_token", "Bearer")


PAGES_READ = "/api/v1/practice"


async def test_a_program_does_what_its_scopes_say_and_no_more(site, desk):
    reader = await Program.of(site, desk.linde.practice, "read")
    assert (await reader.get(PAGES_READ)).status == 200
    refused = await hold(reader, desk, desk.linde)
    assert (refused.status, refused.code, refused.json["scope"]) == (403, "no_scope", "order")
    assert (await reader.post("/api/v1/orders/B27-00001/cancel", {})).status == 403
    talker = await Program.of(site, desk.linde.practice, "consult")
    assert (await talker.get(PAGES_READ)).status == 403
    assert (await talker.get(f"/live/api/v1/campaigns/{desk.campaign}/queue")).status == 401  # not even known there


async def test_an_ended_token_opens_nothing_from_then_on(site, linde, desk):
    night = f"/live/api/v1/campaigns/{desk.campaign}/queue"
    assert (await linde.get(PAGES_READ)).status == (await linde.get(night)).status == 200

    def end():
        person = Connection.objects.get().person
        Membership.objects.filter(person=person).delete()
        close_connection(person)
        revoke_passes(person=person)

    heard = site.pictures._passes_changed
    await off_loop(end)
    assert (await linde.get(PAGES_READ)).status == 401
    assert not heard
    site.pictures.hear_of_passes(None)  # as the listener does when the transaction has committed
    await site.pictures.read_anew()
    assert (await linde.get(night)).status == 401


async def test_a_closed_account_opens_nothing(site, linde, desk):
    await off_loop(lambda: Person.objects.filter(name="HIS").update(is_active=False))
    site.pictures.hear_of_passes(None)
    await site.pictures.read_anew()
    assert (await linde.get(PAGES_READ)).status == 401
    assert (await linde.get(f"/live/api/v1/campaigns/{desk.campaign}/queue")).status == 401


async def test_a_pass_is_no_token_and_a_token_no_pass(linde, desk):
    assert (await linde.get(f"/live/orders/{desk.campaign}/mine?practice={desk.linde.practice}")).status == 401


async def test_who_asks_too_often_waits(site, linde, desk):
    path = f"/live/api/v1/campaigns/{desk.campaign}/queue"
    first = await linde.get(path)
    assert first.headers["ratelimit-policy"] == '"token";q=100;w=5'
    assert first.headers["ratelimit"].startswith('"token";r=')
    answers = [await linde.get(path) for _ in range(400)]
    refused = next(each for each in answers if each.status == 429)
    assert (refused.code, refused.headers["ratelimit"].partition(";t=")[0]) == ("too_many", '"token";r=0')
    assert refused.headers["retry-after"] == "1"


async def test_what_is_put_ready_is_judged_as_on_the_page(linde, desk):
    path = f"/api/v1/campaigns/{desk.campaign}/prepared"
    item = {"product": desk.flu, "location": desk.linde.home, "doses": 420}
    saved = await linde.ask("PUT", path, {"lines": [item], "ranking": ["2027-10-05"], "auto": "one_day"})
    assert (saved.status, saved.json["lines"], saved.json["auto"]) == (200, [item], "one_day")
    assert (await linde.get(path)).json == saved.json
    foreign = await linde.ask("PUT", path, {"lines": [item | {"location": desk.eik.home}], "ranking": []})
    assert (foreign.status, foreign.code, foreign.json["errors"][0]["code"]) == (422, "bad_lines", "location")
    twice = await linde.ask("PUT", path, {"lines": [item, item], "ranking": []})
    assert twice.json["errors"] == [{"at": "lines[1]", "code": "repeated"}]
    assert await off_loop(lambda: PreparedOrder.objects.get().lines.get().doses) == 420


async def test_after_the_free_limit_it_says_so(linde, desk, conn):
    number = await order(linde, desk, desk.linde)
    await conn.execute("update ordering_order_line set day = current_date + 2")
    refused = await linde.post(f"/api/v1/orders/{number}/cancel", {})
    assert (refused.status, refused.code) == (409, "late")
    assert await off_loop(Order.objects.exists)


@pytest.mark.parametrize(
    ("body", "status", "headers"),
    [(b"{", 400, {}), (b"{}", 415, {"content_type": "text/plain"}), (b" " * 70_000, 413, {}), ({"lines": 1}, 400, {})],
)
async def test_bodies_that_are_none(linde, desk, body, status, headers):
    key = {"idempotency_key": str(uuid4())}
    night = await linde.post(f"/live/api/v1/campaigns/{desk.campaign}/hold", body, **headers, **key)
    page = await linde.ask("PUT", f"/api/v1/campaigns/{desk.campaign}/prepared", body, **headers)
    assert (night.status, page.status) == (status, status)
    assert night.headers["content-type"] == page.headers["content-type"] == "application/problem+json"


async def test_orders_come_by_the_page(linde, desk):
    numbers = []
    for _ in range(3):
        numbers.append(await order(linde, desk, desk.linde))
        await linde.post(f"/api/v1/orders/{numbers[-1]}/cancel", {})
    numbers.append(await order(linde, desk, desk.linde))
    seen, path = [], "/api/v1/orders?limit=3"
    while path:
        page = (await linde.get(path)).json
        seen.append([each["number"] for each in page["orders"]])
        path = page["next"]
    assert seen == [numbers[:3], numbers[3:]]


@pytest.mark.parametrize("query", ["after=-1", "limit=0", "limit=101", "after=x", "limit=1&limit=2", "offset=3"])
async def test_a_page_that_makes_no_sense(linde, query):
    assert (await linde.get(f"/api/v1/orders?{query}")).status == 400


@pytest.mark.parametrize(
    "path", ["/api/v1/nergens", "/live/api/v1/nergens", "/live/api/v1/campaigns/x/queue", "/api/v1/campaigns/99"]
)
async def test_what_is_nowhere(linde, path):
    answer = await linde.get(path)
    assert (answer.status, answer.code) == (404, "not_found")


async def test_the_campaign_of_the_watch_is_not_there(site, linde, desk):
    await off_loop(lambda: Campaign.objects.update(is_probe=True))
    await site.pictures.read_anew()
    for path in ("/api/v1/campaigns/{}", "/live/api/v1/campaigns/{}/queue"):
        assert (await linde.get(path.format(desk.campaign))).status == 404


@pytest.mark.parametrize("path", ["/api/v1/practice", "/live/api/v1/campaigns/1/hold"])
async def test_another_method_is_told_which_there_are(linde, path):
    answer = await linde.ask("DELETE", path)
    assert (answer.status, answer.headers["allow"]) == (405, "POST" if "live" in path else "GET")


async def test_it_speaks_english_to_who_asks_so(linde):
    assert (await linde.get("/api/v1/campaigns/99", accept_language="en")).json["title"].startswith("This does not")


async def test_a_reorder_names_its_slot(linde, desk, conn):
    await desk.offer_more(conn, early_until=MONDAY.replace(day=1))
    told = (await linde.get(f"/api/v1/campaigns/{desk.campaign}")).json
    assert (told["reorders"]["most"], told["pre_delivery"]["most_doses"], told["pre_delivery"]["days"]) == (2, 100, [])
    assert (await hold(linde, desk, desk.linde, slot=2)).code == "no_first"
    await order(linde, desk, desk.linde)
    assert (await hold(linde, desk, desk.linde, slot=3)).code == "not_offered"
    held = await hold(linde, desk, desk.linde, line(desk, desk.linde, 100, TUESDAY), slot=2)
    standing = f"/live/api/v1/campaigns/{desk.campaign}/standing"
    assert (await linde.get(f"{standing}?slot=2")).json["hold"]["key"] == held.json["key"]
    assert (await linde.get(standing)).json["hold"] is None
    assert (await linde.get(f"{standing}?slot=two")).code == "bad_request"
    path = f"/live/api/v1/campaigns/{desk.campaign}/hold/{held.json['key']}/confirm"
    assert (await linde.post(path)).code == "replaced"
    number = (await linde.post(f"{path}?slot=2")).json["number"]
    read = (await linde.get(f"/api/v1/orders/{number}")).json
    assert (read["kind"], read["slot"]) == ("reorder", 2)


async def change(program, number, *lines, revision=0, **body):
    return await program.post(f"/api/v1/orders/{number}/change", {"revision": revision, "lines": list(lines), **body})


async def test_an_order_is_changed_whole(linde, desk):
    number = await order(linde, desk, desk.linde)
    changed = await change(linde, number, line(desk, desk.linde, 400, TUESDAY), reason="Minder nodig")
    assert (changed.status, changed.json["revision"]) == (200, 1)
    assert [(each["doses"], each["day"]) for each in changed.json["lines"]] == [(400, TUESDAY.isoformat())]
    event = await off_loop(lambda: AuditEvent.objects.get(action="order.changed"))
    assert event.reason == "Minder nodig"


async def test_a_change_that_comes_again_gives_the_same(linde, desk):
    number = await order(linde, desk, desk.linde)
    first = await change(linde, number, line(desk, desk.linde, 400))
    again = await change(linde, number, line(desk, desk.linde, 400))
    assert again.json == first.json
    assert (await change(linde, number, line(desk, desk.linde, 400), revision=1)).json == first.json
    assert await off_loop(AuditEvent.objects.filter(action="order.changed").count) == 1


async def test_a_change_of_what_was_changed_since_is_refused(linde, desk):
    number = await order(linde, desk, desk.linde)
    await change(linde, number, line(desk, desk.linde, 400))
    answer = await change(linde, number, line(desk, desk.linde, 300))
    assert (answer.status, answer.code) == (409, "outdated")


async def test_what_does_not_fit_or_is_wrong_changes_nothing(linde, eik, desk):
    number = await order(linde, desk, desk.linde)
    await order(eik, desk, desk.eik)
    assert (await change(linde, number, line(desk, desk.linde, 510))).code == "full"
    wrong = await change(linde, number, line(desk, desk.linde, 405))
    assert (wrong.status, wrong.json["errors"][0]["code"]) == (422, "step")
    assert (await change(linde, number, line(desk, desk.eik, 400))).json["errors"][0]["code"] == "location"
    assert (await change(linde, number)).code == "bad_request"
    assert (await linde.get(f"/api/v1/orders/{number}")).json["revision"] == 0


async def test_a_late_change_is_for_the_page(linde, desk, conn):
    number = await order(linde, desk, desk.linde)
    await conn.execute("update ordering_order_line set day = current_date + 2")
    answer = await change(linde, number, line(desk, desk.linde, 400, TUESDAY))
    assert (answer.status, answer.code) == (409, "late")


async def test_webhooks_tell_of_a_change(linde, desk, settings):
    settings.WEBHOOKS_INSIDE = True
    number = await order(linde, desk, desk.linde)
    practice, person = await off_loop(lambda: (Practice.objects.get(pk=desk.linde.practice), Person.objects.first()))
    await off_loop(lambda: add_webhook(practice=practice, url="http://127.0.0.1:9/hook", actor=person))
    await change(linde, number, line(desk, desk.linde, 400))
    told = await off_loop(lambda: list(WebhookDelivery.objects.values_list("kind", "subject")))
    assert told == [("order.changed", number)]


async def test_somebody_elses_order_is_not_found(linde, eik, desk):
    number = await order(linde, desk, desk.linde)
    assert (await change(eik, number, line(desk, desk.eik, 400))).status == 404
    await linde.post(f"/api/v1/orders/{number}/cancel", {})
    assert (await change(linde, number, line(desk, desk.linde, 400))).status == 404


async def test_changing_takes_its_scope(site, desk):
    reader = await Program.of(site, desk.linde.practice, "read", "order")
    assert (await change(reader, "B27-00001", line(desk, desk.linde, 400))).code == "no_scope"
