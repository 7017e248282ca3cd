"""`teams.md`: keys of teams and conversations."""

from typing import Any

from balie.consult.protocol import group_keys, suite
from balie.consult.protocol.encoding import b64
from balie.consult.protocol.group_keys import GroupKey, Recipient
from balie.consult.protocol.membership import Kind, replay
from balie.consult.protocol.reasons import Reason
from balie.consult.protocol.statements import Statement, sign
from balie.consult.protocol.tests.vectors.cast import ANNA, AT, BEN, CORA, DIRK, EVA, Actor, shown
from balie.consult.protocol.tests.vectors.maker import Cases, secret
from balie.consult.protocol.tests.vectors.membership import Done, add, create, ref, remove

TITLE = "Keys of teams and conversations (teams.md)"
CONVERSATION = create("conversation", ANNA, BEN)
TEAM = create("team", ANNA, BEN)


def make(cases: Cases) -> None:
    sealed_copies(cases)
    stated_keys(cases)
    choices(cases)


def kem(actor: Actor) -> str:
    return suite.public_name(suite.public_of(actor.kem_seed))


def sealed_copies(cases: Cases) -> None:
    key, public = secret("group key"), suite.public_of(BEN.kem_seed)
    group = CONVERSATION.name
    kinds: tuple[Kind, ...] = ("conversation", "team")
    for kind in kinds:

        def seal(kind: Kind = kind) -> bytes:
            return group_keys.seal_group_key(kind, group, key, member=ref(BEN), public=public)

        sealed = cases.kept.data(f"key of a {kind}", [key, public, group.encode()], seal)
        named = group_keys.key_name(kind, group, key)
        given: dict[str, Any] = {
            "kind": kind,
            "group": group,
            "key": named,
            "member": ref(BEN),
            "seed": b64(BEN.kem_seed),
            "sealed": b64(sealed),
        }
        cases.gives(f"name of the key of a {kind}", "group_key_name", named, kind=kind, group=group, key=b64(key))
        cases.gives(f"key of a {kind}", "open_group_key", b64(key), **given)
        other = group_keys.key_name(kind, group, secret("another key"))
        wrong = {
            "of another group": {"group": TEAM.name},
            "for another member": {"member": ref(ANNA)},
            "with another seed": {"seed": b64(ANNA.kem_seed)},
            "under another name": {"key": other},
        }
        for what, bent in wrong.items():
            cases.rejects(f"key of a {kind}, {what}", "open_group_key", Reason.UNOPENABLE, **given | bent)

        def mislabelled(kind: Kind = kind, other: str = other) -> bytes:
            return suite.seal(public, group_keys._context(group, other, ref(BEN), kem(BEN)), key)

        lying = cases.kept.data(f"mislabelled key of a {kind}", [key, public], mislabelled)
        bent = {"key": other, "sealed": b64(lying)}
        cases.rejects(
            f"key of a {kind} that is not the one it claims", "open_group_key", Reason.WRONG_KEY, **given | bent
        )


def stated(what: str, root: Done, actor: Actor, *to: Actor, kind: Kind = "conversation", **members: Any) -> GroupKey:
    key = secret(what)
    found: dict[str, Any] = {
        "suite": 1,
        "group": root.name,
        "key": group_keys.key_name(kind, root.name, key),
        "kem": b64(suite.public_of(key)) if kind == "team" else None,
        "heads": (root.name,),
        "to": tuple(sorted((Recipient(member=ref(each), kem=kem(each)) for each in to), key=lambda each: each.member)),
        "by": actor.id,
        "acting": ref(actor),
        "at": AT,
    }
    return GroupKey(**found | members)


def stated_keys(cases: Cases) -> None:
    known = [shown(each.known_key()) for each in (ANNA, BEN)]
    talk = stated("talk", CONVERSATION, ANNA, ANNA, BEN)
    team = stated("team", TEAM, ANNA, ANNA, BEN, kind="team")
    for kind, form in (("conversation", talk), ("team", team)):
        statement = sign(group_keys.TYP, form, [ANNA.sign_seed])
        cases.gives(
            f"a key of a {kind} stated", "accept_group_key", form.key, kind=kind, known=known, statement=statement
        )

    def bent(form: GroupKey = talk, seeds: tuple[bytes, ...] = (ANNA.sign_seed,), **members: Any) -> Statement:
        fields = {name: getattr(form, name) for name in form.__struct_fields__}
        return sign(group_keys.TYP, GroupKey(**fields | members), seeds)

    wrong: dict[str, tuple[Reason, str, Statement]] = {
        "by a stranger": (Reason.UNKNOWN_SIGNER, "conversation", bent(seeds=(EVA.sign_seed,))),
        "by another than it says": (Reason.WRONG_PERSON, "conversation", bent(by=BEN.id)),
        "by two": (Reason.MALFORMED, "conversation", bent(seeds=(ANNA.sign_seed, BEN.sign_seed))),
        "on behalf of another": (Reason.NOT_ALLOWED, "conversation", bent(acting=ref(BEN))),
        "of another suite": (Reason.UNKNOWN_SUITE, "conversation", bent(suite=2)),
        "to the same member twice": (Reason.MALFORMED, "conversation", bent(to=(talk.to[0], talk.to[0]))),
        "to members that descend": (Reason.MALFORMED, "conversation", bent(to=tuple(reversed(talk.to)))),
        "to nobody": (Reason.MALFORMED, "conversation", bent(to=())),
        "a conversation with a public key": (Reason.MALFORMED, "conversation", bent(kem=team.kem)),
        "a team without one": (Reason.MALFORMED, "team", bent(team, kem=None)),
        "a team's public key under another name": (Reason.WRONG_KEY, "team", bent(team, key=talk.key)),
    }
    for what, (reason, kind, statement) in wrong.items():
        cases.rejects(f"a key stated: {what}", "accept_group_key", reason, kind=kind, known=known, statement=statement)


def choices(cases: Cases) -> None:
    everyone = (ANNA, BEN, CORA, DIRK, EVA)
    root = CONVERSATION
    with_cora = add(root, ANNA, CORA)
    without_ben = remove(root, ANNA, BEN, with_cora)
    first = stated("first", root, ANNA, ANNA, BEN)
    later = stated("later", root, BEN, ANNA, BEN, at=AT + 9)
    twin = stated("twin", root, BEN, ANNA, BEN, at=AT)
    to_cora = stated("first", root, BEN, CORA)
    alone = stated("alone", root, ANNA, ANNA, CORA, at=AT - 9)
    leaked = stated("later", root, BEN, DIRK)
    by_eva = stated("hers", root, EVA, ANNA, BEN, at=AT + 99)
    elsewhere = stated("elsewhere", TEAM, ANNA, ANNA, BEN, at=AT + 99)
    larger = max(first.key, twin.key)
    ben_next = BEN.next()
    tried: dict[str, tuple[list[Done], list[GroupKey], str | None, dict[str, str]]] = {
        "the only key": ([root], [first], first.key, {}),
        "no key yet": ([root], [], None, {}),
        "the newest of two": ([root], [later, first], later.key, {}),
        "made at the same moment: the larger name": ([root], [twin, first], larger, {}),
        "a member has not got it": ([root, with_cora], [first], None, {}),
        "sealed to the new member too": ([root, with_cora], [first, to_cora], first.key, {}),
        "somebody was removed who has it": ([root, with_cora, without_ben], [first, to_cora, later], None, {}),
        "a fresh key after a removal": ([root, with_cora, without_ben], [first, to_cora, alone], alone.key, {}),
        "sealed to somebody outside as well": ([root], [first, later, leaked], first.key, {}),
        "stated by somebody outside": ([root], [first, by_eva], first.key, {}),
        "of another group": ([root], [first, elsewhere], first.key, {}),
        "a member has a new key since": ([root], [first], None, {ref(BEN): kem(ben_next)}),
    }
    for what, (acts, keys, out, newer) in tried.items():
        current = {ref(each): kem(each) for each in everyone} | newer
        known = [shown(each.known_key()) for each in everyone]
        found = group_keys.choose_key(root.name, replay(root.name, [each.act for each in acts]), keys, current)
        assert found == out, what
        by = {each.id: each for each in everyone}
        cases.gives(
            f"which key: {what}",
            "choose_key",
            out,
            group=root.name,
            known=known,
            acts=[each.statement for each in acts],
            stated=[sign(group_keys.TYP, each, [by[each.by].sign_seed]) for each in keys],
            current=current,
        )
