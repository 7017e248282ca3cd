"""A conversation that is destroyed is gone for the server, for clients that run, and for those that come later."""

import asyncio
from collections.abc import Callable
from functools import wraps
from typing import Any

import pytest
from django.db import connections

from balie.consult.client.application import News, ProblemError
from balie.consult.models import Attachment, GroupKey, Message, SealedCopy, Statement
from balie.consult.protocol.encoding import name
from balie.consult.record.certificates import CertificateFile, check_file, write_file
from balie.consult.record.erasing import public_keys
from balie.consult.record.testing import destroy


def by_database(act: Callable[..., Any]) -> Callable[..., Any]:
    """In a thread of its own, which leaves no connection behind."""

    def do(*args: Any) -> Any:
        try:
            return act(*args)
        finally:
            connections.close_all()

    @wraps(act)
    async def await_it(*args: Any) -> Any:
        return await asyncio.to_thread(do, *args)

    return await_it


@by_database
def left(conversation: str) -> dict[str, int]:
    """What the server still has of it, that was sealed or opens something."""
    rows = {
        "messages": Message.objects.filter(group__name=conversation),
        "files": Attachment.objects.filter(group__name=conversation),
        "keys": GroupKey.objects.filter(group__name=conversation),
        "copies": SealedCopy.objects.filter(key__group__name=conversation),
    }
    return {what: found.count() for what, found in rows.items()}


@by_database
def only_envelope() -> str:
    return Message.objects.get().envelope


@by_database
def statements() -> list[str]:
    return [each.signed for each in Statement.objects.all()]


@pytest.fixture
async def talked(people):
    """Anna and Bilal said something, and both have it."""
    anna, bilal, *_ = people
    group = await anna.talk.create_conversation(bilal.member)
    await anna.talk.say(group.name, "Dag Bilal")
    assert await bilal.heard(group.name) == ["Dag Bilal"]
    await anna.world.catch_up()
    return group


async def test_nobody_opens_it_again(people, talked):
    anna, bilal, *_ = people
    sealed = await only_envelope()
    await by_database(destroy)(talked.name)
    assert await left(talked.name) == {"messages": 0, "files": 0, "keys": 0, "copies": 0}
    for each in (anna, bilal):
        again = each.again()
        await again.world.begin()
        assert again.world.groups == {}
        with pytest.raises(ProblemError, match="not_found"):
            await again.application.history(talked.name, after=0, until=10**9)
        said = [event for event in (await again.application.feed(0)).events if event.message]
        assert said == []
    assert not any(sealed in each for each in await statements())


async def test_a_client_that_runs_forgets_it(people, talked):
    anna, bilal, *_ = people
    await by_database(destroy)(talked.name)
    assert bilal.reads(talked.name) == ["Dag Bilal"], "it does not know yet"
    await bilal.world.hear(News(after=bilal.world.cursor, feed=bilal.world.cursor, events=None))
    assert talked.name not in bilal.world.groups
    await anna.world.forget()
    assert talked.name not in anna.world.groups
    with pytest.raises(KeyError):
        await anna.talk.say(talked.name, "Toch nog")


async def test_nothing_comes_in_again(people, talked):
    anna, *_ = people
    sent = await only_envelope()
    await by_database(destroy)(talked.name)
    with pytest.raises(ProblemError, match="not_found"):
        await anna.application.send(
            conversation=talked.name, device=anna.device.device, message="A" * 22, envelope=sent
        )
    with pytest.raises(ProblemError):
        await anna.talk.rotate(talked)


async def test_who_was_in_it_reads_its_log_and_the_chain_holds(people, talked):
    anna, _, chris, _ = people
    destruction = await by_database(destroy)(talked.name)
    lines = await anna.application.log(talked.name)
    assert [each.what for each in lines][-3:] == ["erasure-asked", "erasure-granted", "record-destroyed"]
    before = ""
    for each in lines:
        said = (str(each.number), each.at, each.what, each.person, each.detail, before)
        assert (each.previous, each.hash) == (
            before,
            name("log-entry", talked.name.encode(), *(x.encode() for x in said)),
        )
        before = each.hash
    with pytest.raises(ProblemError, match="not_found"):
        await chris.application.log(talked.name)
    assert (await anna.application.destroyed())[0].conversation == talked.name
    assert await chris.application.destroyed() == ()
    file = write_file(CertificateFile(destruction.certificate, destruction.listed))
    checked = check_file(file, await by_database(public_keys)())
    assert checked.certificate.log == before
    assert checked.certificate.counts == {"message": 1, "attachment": 0, "key": 1, "copy": 2}
    assert "Dag Bilal" not in file.decode()
