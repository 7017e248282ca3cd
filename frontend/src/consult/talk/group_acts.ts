/** What a client states about teams and conversations: who belongs, and keys for them (`docs/spec/consult/teams.md`). */

import { b64, type Bytes } from "../../crypto/encoding.ts";
import { groupKeyName, sealGroupKey, stateGroupKey } from "../../crypto/group_keys.ts";
import { AFTER_MAX, type Kind, type Role, stateAct } from "../../crypto/membership.ts";
import { peek, statementName } from "../../crypto/statements.ts";
import { publicName, publicOf, suites } from "../../crypto/suite.ts";
import { TYP } from "../account.ts";
import { api, type Posted } from "../api.ts";
import { type Session, stating } from "../session.ts";
import { sealToReserve } from "../reserve/copies.ts";
import { must, Unanswered } from "../unanswered.ts";
import type { Circle } from "./circle.ts";
import { type Group, Team } from "./group.ts";
import { unsaid } from "./outbox.ts";

/** As many statements as one post may have. */
const POST_MOST = 16;
const random = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length));

/** In which group, in whose name, and knowing which acts. */
interface About {
  group: string;
  kind: Kind;
  as: string;
  heads: string[];
  /** Of which suite a key of a team is that one has; new ones are of the current suite. */
  suiteOf: (key: Bytes) => number | undefined;
}

export class GroupActs {
  readonly #session: Session;
  readonly #circle: Circle;

  constructor(session: Session, circle: Circle) {
    this.#session = session;
    this.#circle = circle;
  }

  /** Begin a team or a conversation of these members and oneself, with its first key; its name. Throws Unanswered. */
  async begin(kind: Kind, members: string[]): Promise<string> {
    const { signer, person: by, at } = await stating(this.#session);
    const as = this.#circle.self;
    const names = [...new Set([as, ...members])].sort();
    const founders = names.map((member) => ({ member, role: member === as && kind === "team" ? ("admin" as const) : ("member" as const) }));
    const create = { v: 1 as const, act: "create" as const, kind, members: founders, keepers: [], nonce: b64(random(16)), by, as, at };
    const signed = await stateAct(create, signer);
    const group = await statementName(TYP.act, peek(signed));
    const key = await this.#key({ group, kind, as, heads: [group], suiteOf: () => undefined }, names, random(32));
    await must(api.state([{ typ: TYP.act, signed }, key]));
    return group;
  }

  /** A key for those who belong now. Throws Unanswered: `behind` too when somebody has no key that one could seal to. */
  async makeKey(group: Group): Promise<void> {
    const fresh = random(32);
    const members = [...group.membership.members.keys()];
    await must(api.state([await this.#key(this.#about(group), members, fresh, (at) => group.after(at))]));
    await this.#reserve(group, fresh);
  }

  /** What a team's reserve must have too; if that fails now, whoever of the team comes next sees that it is missing. */
  async #reserve(group: Group, key: Bytes): Promise<void> {
    if (!(group instanceof Team)) return;
    await sealToReserve(group, [[await groupKeyName("team", group.group, key, suites.current), key]]);
  }

  /**
   * Add somebody. `history`: with every key that one has, so that they can read what was said before; otherwise a fresh key
   * is made, since the current one opens what was said under it. Throws Unanswered.
   */
  async add(group: Group, member: string, { history, role = "member" }: { history: boolean; role?: Role }): Promise<void> {
    const { posted, about } = await this.#change(group, { act: "add", member, role });
    const statements = [posted];
    const current = group.sendingKey(this.#circle)?.name;
    if (history) {
      // The newest first: if what follows is lost, they can go on talking.
      const keys = [...group.keys].sort(([one], [other]) => Number(other === current) - Number(one === current));
      for (const [, key] of keys) statements.push(await this.#key(about, [member], key));
    }
    const fresh = random(32);
    const needsFresh = !history || current === undefined;
    if (needsFresh) statements.splice(1, 0, await this.#key(about, [...new Set([...group.membership.members.keys(), member])], fresh));
    await post(statements);
    if (needsFresh) await this.#reserve(group, fresh);
  }

  /** Give a member keys that they have not: they lost theirs, and others vouched for new ones. Throws Unanswered. */
  async giveBack(group: Group, member: string): Promise<void> {
    const about = this.#about(group);
    const statements: Posted[] = [];
    for (const key of group.missing(this.#circle, member)) statements.push(await this.#key(about, [member], key));
    await post(statements);
  }

  /** Keys that one has, for members who had them before they got a key of the current suite. Throws Unanswered. */
  async sealAgain(group: Group): Promise<void> {
    const about = this.#about(group);
    const statements: Posted[] = [];
    for (const [name, members] of group.behind(this.#circle)) {
      const ready = members.filter((each) => this.#circle.publicKey(each)?.suite === suites.current);
      if (ready.length > 0) statements.push(await this.#key(about, ready, group.keys.get(name)!));
    }
    await post(statements);
  }

  /** Remove somebody, with a fresh key for those who stay. Throws Unanswered. */
  async remove(group: Group, member: string): Promise<void> {
    const stay = [...group.membership.members.keys()].filter((each) => each !== member);
    const { posted, about } = await this.#change(group, { act: "remove", member });
    const staysIn = stay.includes(about.as);
    // Whoever leaves makes no key, and nobody can seal to a team that has none: the next who writes makes one.
    const sealable = stay.every((each) => this.#circle.publicKey(each) !== null);
    const fresh = random(32);
    const key = staysIn && sealable ? [await this.#key(about, stay, fresh)] : [];
    await must(api.state([posted, ...key]));
    if (key.length > 0) await this.#reserve(group, fresh);
  }

  #about(group: Group): About {
    const as = this.#circle.actsAs(group);
    if (as === null) throw new Unanswered(unsaid("not_found"));
    return { group: group.group, kind: group.kind, as, heads: group.membership.heads.slice(0, AFTER_MAX), suiteOf: (key) => group.suiteOf(key) };
  }

  async #change(group: Group, what: { act: "add"; member: string; role: Role } | { act: "remove"; member: string }) {
    const { signer, person: by, at } = await stating(this.#session);
    const about = this.#about(group);
    const signed = await stateAct({ v: 1, ...what, group: group.group, by, as: about.as, after: about.heads, at }, signer);
    const heads = [await statementName(TYP.act, peek(signed))];
    return { posted: { typ: TYP.act, signed }, about: { ...about, heads } };
  }

  /** A statement about `key`, with a copy for each of `members`. */
  async #key({ group, kind, as, heads, suiteOf }: About, members: string[], key: Bytes, later = (at: number) => at): Promise<Posted> {
    const { signer, person: by, at } = await stating(this.#session);
    const suite = suiteOf(key) ?? suites.current;
    const name = await groupKeyName(kind, group, key, suite);
    const to: { member: string; kem: string }[] = [];
    const sealed: Record<string, string> = {};
    for (const member of [...members].sort()) {
      const publicKey = this.#circle.publicKey(member);
      if (!publicKey) throw new Unanswered(unsaid("behind"));
      to.push({ member, kem: await publicName(publicKey.key, publicKey.suite) });
      sealed[member] = b64(await sealGroupKey(group, name, key, member, publicKey));
    }
    const kem = kind === "team" ? b64(await publicOf(key)) : null;
    const stated = { v: 1 as const, suite, group, key: name, kem, heads, to, by, as, at: later(at) };
    return { typ: TYP.groupKey, signed: await stateGroupKey(stated, signer), sealed };
  }
}

async function post(statements: Posted[]): Promise<void> {
  for (let at = 0; at < statements.length; at += POST_MOST) await must(api.state(statements.slice(at, at + POST_MOST)));
}
