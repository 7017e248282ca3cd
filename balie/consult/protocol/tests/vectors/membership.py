"""`membership.md`: acts, and what they come to."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from balie.consult.protocol import membership
from balie.consult.protocol.encoding import b64
from balie.consult.protocol.membership import Act, Add, Create, Founder, Kind, Remove, Role
from balie.consult.protocol.payloads import encode
from balie.consult.protocol.persons import KnownKey
from balie.consult.protocol.reasons import Reason
from balie.consult.protocol.statements import Statement, sign
from balie.consult.protocol.tests.vectors.cast import ANNA, AT, BEN, CORA, DIRK, EVA, Actor, shown, sign_raw
from balie.consult.protocol.tests.vectors.maker import Cases, secret

TITLE = "Membership (membership.md)"
NONCE = b64(secret("nonce", 16))


@dataclass(frozen=True)
class Done:
    """An act, as its statement and as what was accepted."""

    statement: Statement
    act: Act

    @property
    def name(self) -> str:
        return self.act.name


def done(form: Create | Add | Remove, actor: Actor, *teams: str) -> Done:
    statement = membership.state_act(form, actor.sign_seed)
    return Done(statement, membership.accept_act(statement, [KnownKey(actor.id, actor.sign_public, teams)]))


def ref(actor: Actor) -> str:
    return f"person:{actor.id}"


def create(
    kind: Kind, actor: Actor, *others: Actor | str, admins: Iterable[Actor] = (), keepers: Iterable[str] = ()
) -> Done:
    """A group that `actor` makes, with `others`; a team's maker is an administrator."""
    leading = {ref(each) for each in ((actor, *admins) if kind == "team" else ())}
    members = sorted({ref(actor), *(each if isinstance(each, str) else ref(each) for each in others)})
    founders = tuple(Founder(member=each, role="admin" if each in leading else "member") for each in members)
    form = Create(
        kind=kind, members=founders, keepers=tuple(sorted(keepers)), nonce=NONCE, by=actor.id, acting=ref(actor), at=AT
    )
    return done(form, actor)


def add(root: Done, by: Actor, who: Actor | str, *after: Done, role: Role = "member", team: str | None = None) -> Done:
    member = who if isinstance(who, str) else ref(who)
    form = Add(group=root.name, member=member, role=role, **_common(by, after or (root,), team))
    return done(form, by, *([team] if team else []))


def remove(root: Done, by: Actor, who: Actor | str, *after: Done, team: str | None = None) -> Done:
    member = who if isinstance(who, str) else ref(who)
    form = Remove(group=root.name, member=member, **_common(by, after or (root,), team))
    return done(form, by, *([team] if team else []))


def _common(by: Actor, after: tuple[Done, ...], team: str | None) -> dict[str, Any]:
    names = tuple(sorted(each.name for each in after))
    return {"by": by.id, "acting": team or ref(by), "after": names, "at": AT}


def outcome(root: Done, acts: Iterable[Done]) -> dict[str, Any]:
    found = membership.replay(root.name, [each.act for each in acts])
    return {
        "kind": found.kind,
        "members": dict(found.members),
        "heads": list(found.heads),
        "pending": list(found.pending),
        "refused": list(found.refused),
        "void": list(found.void),
    }


def make(cases: Cases) -> None:
    for what, (root, acts, members) in {**teams(), **conversations()}.items():
        out = outcome(root, acts)
        expected = sorted(each if isinstance(each, str) else ref(each) for each in members)
        assert sorted(out["members"]) == expected, what
        known = [shown(each.known_key()) for each in (ANNA, BEN, CORA, DIRK, EVA)]
        for each in known:
            each["teams"] = sorted({act.act.form.acting for act in acts if act.act.form.acting.startswith("team:")})
        cases.gives(what, "replay", out, group=root.name, known=known, acts=[each.statement for each in acts])
    refusals(cases)


def teams() -> dict[str, tuple[Done, list[Done], list[Actor | str]]]:
    root = create("team", ANNA, BEN, CORA, admins=[BEN])
    adds_dirk = add(root, ANNA, DIRK)
    out_cora = remove(root, BEN, CORA)
    again = add(root, ANNA, CORA, out_cora)
    adds_at_once = add(root, ANNA, CORA)
    out_anna = remove(root, BEN, ANNA)
    out_ben = remove(root, ANNA, BEN)
    by_dirk = add(root, DIRK, EVA, adds_dirk)
    dirk_leads = add(root, ANNA, DIRK, role="admin")
    dirk_adds = add(root, DIRK, EVA, dirk_leads)
    by_member = add(root, CORA, EVA)
    leaves = remove(root, CORA, CORA)
    team = f"team:{create('team', EVA).name}"
    return {
        "a team": (root, [root], [ANNA, BEN, CORA]),
        "somebody added": (root, [adds_dirk, root], [ANNA, BEN, CORA, DIRK]),
        "somebody removed": (root, [root, out_cora], [ANNA, BEN]),
        "removed, then added again": (root, [again, out_cora, root], [ANNA, BEN, CORA]),
        "removed and added at once": (root, [root, adds_at_once, out_cora], [ANNA, BEN]),
        "added by two at once": (root, [root, adds_dirk, add(root, BEN, DIRK)], [ANNA, BEN, CORA, DIRK]),
        "two administrators remove each other": (root, [root, out_anna, out_ben], [CORA]),
        "added by somebody who was removed meanwhile": (root, [root, adds_dirk, out_anna], [BEN, CORA]),
        "removed by somebody who was removed meanwhile": (root, [root, remove(root, ANNA, CORA), out_anna], [BEN]),
        "added before, by somebody removed since": (
            root,
            [root, adds_dirk, remove(root, BEN, ANNA, adds_dirk)],
            [BEN, CORA, DIRK],
        ),
        "added by who was added by who was removed": (root, [root, dirk_leads, dirk_adds, out_anna], [BEN, CORA]),
        "a member may not add": (root, [root, by_member], [ANNA, BEN, CORA]),
        "a new member may not add": (root, [root, adds_dirk, by_dirk], [ANNA, BEN, CORA, DIRK]),
        "an outsider may not add": (root, [root, add(root, EVA, DIRK)], [ANNA, BEN, CORA]),
        "a member may not remove": (root, [root, remove(root, CORA, BEN)], [ANNA, BEN, CORA]),
        "a member may leave": (root, [root, leaves], [ANNA, BEN]),
        "who left may not add": (root, [root, out_anna, add(root, ANNA, DIRK, out_anna)], [BEN, CORA]),
        "a team in a team": (root, [root, add(root, ANNA, team)], [ANNA, BEN, CORA]),
        "something before it is missing": (root, [root, again], [ANNA, BEN, CORA]),
        "the beginning is missing": (root, [adds_dirk], []),
        "acts of another group": (root, [root, add(create("team", ANNA), ANNA, DIRK)], [ANNA, BEN, CORA]),
        "another beginning": (root, [root, create("team", EVA)], [ANNA, BEN, CORA]),
        "after two heads": (
            root,
            [root, adds_dirk, out_cora, add(root, ANNA, EVA, adds_dirk, out_cora)],
            [ANNA, BEN, DIRK, EVA],
        ),
        "what a refused act precedes": (
            root,
            [root, by_member, add(root, ANNA, DIRK, by_member)],
            [ANNA, BEN, CORA, DIRK],
        ),
    }


def conversations() -> dict[str, tuple[Done, list[Done], list[Actor | str]]]:
    dossier = f"team:{create('team', BEN).name}"
    other = f"team:{create('team', EVA).name}"
    root = create("conversation", ANNA, CORA, dossier, keepers=[dossier])
    by_team = add(root, BEN, other, team=dossier)
    return {
        "a conversation": (root, [root], [ANNA, CORA, dossier]),
        "a team added on behalf of a team": (root, [root, by_team], [ANNA, CORA, dossier, other]),
        "a team that keeps cannot be removed": (root, [root, remove(root, ANNA, dossier)], [ANNA, CORA, dossier]),
        "another team can": (root, [root, by_team, remove(root, ANNA, other, by_team)], [ANNA, CORA, dossier]),
        "any member may add": (root, [root, add(root, CORA, DIRK)], [ANNA, CORA, DIRK, dossier]),
        "on behalf of a team that is no member": (
            root,
            [root, add(root, EVA, DIRK, team=other)],
            [ANNA, CORA, dossier],
        ),
    }


def refusals(cases: Cases) -> None:
    known = [shown(each.known_key()) for each in (ANNA, BEN)]
    root = create("team", ANNA, BEN)
    right = add(root, ANNA, CORA)
    form = right.act.form
    assert isinstance(form, Add)
    text = encode(form).decode()
    two = sorted([right.name, root.name])
    team = f"team:{root.name}"

    def bent(**members: Any) -> Statement:
        return sign(membership.TYP, _changed(form, **members), [ANNA.sign_seed])

    wrong: dict[str, tuple[Reason, Statement]] = {
        "signed by a stranger": (Reason.UNKNOWN_SIGNER, sign(membership.TYP, form, [EVA.sign_seed])),
        "signed by another member": (Reason.WRONG_PERSON, sign(membership.TYP, form, [BEN.sign_seed])),
        "signed by two": (Reason.MALFORMED, sign(membership.TYP, form, [ANNA.sign_seed, BEN.sign_seed])),
        "on behalf of somebody else": (Reason.NOT_ALLOWED, bent(acting=ref(BEN))),
        "on behalf of a team of others": (Reason.NOT_ALLOWED, bent(acting=team)),
        "after the same act twice": (Reason.MALFORMED, bent(after=(root.name, root.name))),
        "after acts that descend": (Reason.MALFORMED, bent(after=tuple(reversed(two)))),
        "after nothing": (Reason.MALFORMED, bent(after=())),
        "a member that is neither person nor team": (Reason.MALFORMED, bent(member=f"group:{CORA.id}")),
        "a person with a team's name": (Reason.MALFORMED, bent(member=f"person:{root.name}")),
        "an unknown act": (
            Reason.MALFORMED,
            sign_raw(membership.TYP, text.replace('"add"', '"invite"').encode(), ANNA.sign_seed),
        ),
        "a removal with a role": (
            Reason.MALFORMED,
            sign_raw(membership.TYP, text.replace('"add"', '"remove"').encode(), ANNA.sign_seed),
        ),
        "an act of another type": (Reason.WRONG_TYPE, sign("balie-group-key+jws", form, [ANNA.sign_seed])),
    }
    first = root.act.form
    assert isinstance(first, Create)
    admin, member = first.members[0], first.members[1]
    dossier = Founder(member=team, role="member")
    founders = {
        "a team without administrator": {
            "members": tuple(Founder(member=each.member, role="member") for each in first.members)
        },
        "a team with a keeper": {"keepers": (admin.member,)},
        "a team of teams": {"members": (admin, member, dossier)},
        "members that descend": {"members": (member, admin)},
        "made by somebody outside": {"members": tuple(each for each in first.members if each.member != ref(ANNA))},
        "a keeper that is no member": {"kind": "conversation", "keepers": (team,)},
        "a keeper that is a person": {"kind": "conversation", "keepers": (admin.member,)},
    }
    for what, members in founders.items():
        wrong[what] = (Reason.MALFORMED, sign(membership.TYP, _changed(first, **members), [ANNA.sign_seed]))
    for what, (reason, statement) in wrong.items():
        cases.rejects(what, "replay", reason, group=root.name, known=known, acts=[statement])


def _changed(form: Any, **members: Any) -> Any:
    return type(form)(**{field: getattr(form, field) for field in form.__struct_fields__} | members)
