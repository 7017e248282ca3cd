/** Colleagues, two of whom may admit a new key of ours at the key servers (`docs/spec/consult/release.md`, "Trustees"). */

import { stateTrustees } from "../crypto/approvals.ts";
import type { Bytes } from "../crypto/encoding.ts";
import type { KnownKey } from "../crypto/persons.ts";
import { TYP } from "./account.ts";
import { api } from "./api.ts";
import { again, posted, share } from "./own_keys.ts";
import { type Session, stating } from "./session.ts";
import type { Circle } from "./talk/circle.ts";
import { PERSON } from "./talk/group.ts";
import { ownCircle } from "./talk/own_circle.ts";
import { must } from "./unanswered.ts";

export interface Trustee {
  person: string;
  name: string;
  named: boolean;
  /** Administers a team that we are in: without that, contacts would not believe what they vouch for. */
  admits: boolean;
  /** Has another key than when we named them, for which others vouched. */
  changed: boolean;
}

/** Whether two of them can admit us now. */
export const enough = (trustees: Trustee[]): boolean =>
  trustees.filter(({ named, admits, changed }) => named && admits && !changed).length >= 2;

/** Whom one may name, and whom one named. Throws Unanswered. */
export async function readTrustees({ account, log }: Session): Promise<Trustee[]> {
  const me = account.person.person;
  const [{ people }, circle] = await Promise.all([must(api.people()), ownCircle(me, log)]);
  const mates = new Set(circle.own().flatMap((team) => [...team.persons()]));
  const colleagues = people.filter(({ person, care }) => person !== me && (!care || mates.has(person)));
  const named = new Map(account.trustees.map((each) => [each.person, each.sign]));
  const all = new Set([...colleagues.map(({ person }) => person), ...named.keys()]);
  await circle.meet([...all].map((each) => PERSON + each));
  const admitters = new Set(circle.admitters(me).map(({ person }) => person));
  return [...all].flatMap((person) => {
    const found = circle.directory.get(person);
    if (!found?.keys) return [];
    const sign = named.get(person);
    const changed = sign !== undefined && !counts(circle, { person, sign });
    return [{ person, name: found.name, named: sign !== undefined, admits: admitters.has(person), changed }];
  });
}

/** Whether this is a key of theirs that no admission has ended. */
function counts({ directory }: Circle, { person, sign }: KnownKey): boolean {
  const era = directory.get(person)?.keys?.person.era.values() ?? [];
  return [...era].some(({ publicKey }) => same(publicKey, sign));
}

const same = (one: Bytes, other: Bytes): boolean => one.every((byte, at) => byte === other[at]);

/** These from now on, and nobody else. Throws Unanswered. */
export async function nameTrustees(session: Session, persons: string[]): Promise<Session> {
  const circle = await ownCircle(session.account.person.person, session.log);
  await circle.meet(persons.map((each) => PERSON + each));
  return state(session, persons.map((person) => current(circle, person)).filter((each) => each !== null));
}

/** A key server knows a colleague by one key: whoever has made another is named again. Throws Unanswered. */
export async function renewTrustees(session: Session): Promise<Session> {
  const { person, trustees } = session.account;
  if (trustees.length === 0) return session;
  const circle = await ownCircle(person.person, session.log);
  await circle.meet(trustees.map((each) => PERSON + each.person));
  // Whose new key others vouched for is named again by hand.
  const now = trustees.map((each) => (counts(circle, each) ? current(circle, each.person)! : each));
  return now.every(({ sign }, at) => same(sign, trustees[at]!.sign)) ? session : state(session, now);
}

function current({ directory }: Circle, person: string): KnownKey | null {
  const keys = directory.get(person)?.keys;
  return keys ? { person, sign: keys.person.sign } : null;
}

async function state(session: Session, trusted: KnownKey[]): Promise<Session> {
  await must(api.state([posted(TYP.trustees, await stateTrustees(await stating(session), trusted))]));
  return (await share(await again(session))).session;
}
