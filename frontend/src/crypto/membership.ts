/**
 * Who belongs to a team or a conversation: acts that name what they follow (`docs/spec/consult/membership.md`).
 *
 * The members follow from the set of acts alone, in whatever order they came in. A removal wins over everything that
 * does not follow it.
 */

import * as v from "valibot";
import { decode, Id, Member, Name, Time, Version } from "./payloads.ts";
import type { KnownKey } from "./persons.ts";
import { require } from "./reasons.ts";
import { kidOf, sign, type Signer, type Statement, verify } from "./statements.ts";

const TYP = "balie-membership+jws";
export const AFTER_MAX = 16;
const FOUNDERS_MAX = 64;
const ACTS_MAX = 2000;
/** Of one member: how long judging takes grows with the cube of it. */
const ADDITIONS_MAX = 20;
const Role = v.picklist(["admin", "member"]);
const Kind = v.picklist(["team", "conversation"]);
export type Role = v.InferOutput<typeof Role>;
export type Kind = v.InferOutput<typeof Kind>;

const CHANGE = {
  v: Version,
  group: Name,
  member: Member,
  by: Id,
  as: Member,
  after: v.pipe(v.array(Name), v.minLength(1), v.maxLength(AFTER_MAX)),
  at: Time,
};
/** The first act; the group is called by the name of its statement. */
const Create = v.strictObject({
  v: Version,
  act: v.literal("create"),
  kind: Kind,
  members: v.pipe(v.array(v.strictObject({ member: Member, role: Role })), v.minLength(1), v.maxLength(FOUNDERS_MAX)),
  keepers: v.pipe(v.array(Member), v.maxLength(FOUNDERS_MAX)),
  nonce: Id,
  by: Id,
  as: Member,
  at: Time,
});
const Add = v.strictObject({ act: v.literal("add"), ...CHANGE, role: Role });
const Remove = v.strictObject({ act: v.literal("remove"), ...CHANGE });
const Form = v.variant("act", [Create, Add, Remove]);
export type Create = v.InferOutput<typeof Create>;
export type Change = v.InferOutput<typeof Add> | v.InferOutput<typeof Remove>;

/** An act whose signature was verified, under the name of its statement. */
export interface Act {
  name: string;
  form: Create | Change;
}

/** What a set of acts comes to. All names in ascending order. */
export interface Membership {
  kind: Kind | null;
  members: ReadonlyMap<string, Role>;
  heads: string[];
  /** Something they follow has not come in. */
  pending: string[];
  /** Whoever acted was not in a position to. */
  refused: string[];
  /** Additions undone, because who added was removed meanwhile. */
  void: string[];
}

export const stateAct = (form: Create | Change, signer: Signer): Promise<Statement> => sign(TYP, form, [signer]);

/** The act, by one of `known`; whether they were in a position to, only `replay` can tell. */
export async function acceptAct(statement: Statement, known: KnownKey[]): Promise<Act> {
  const keys = new Map(await Promise.all(known.map(async (each) => [await kidOf(each.sign), each] as const)));
  const signed = await verify(TYP, statement, new Map([...keys].map(([kid, { sign }]) => [kid, sign])));
  const form = decode(signed.payload, Form);
  require(signed.kids.length === 1, "malformed", TYP);
  const author = keys.get(signed.kids[0]!)!;
  require(form.by === author.person, "wrong-person", TYP);
  require(form.as === `person:${author.person}` || author.teams?.includes(form.as), "not-allowed", TYP);
  require(form.act === "create" ? wellFounded(form) : ascending(form.after), "malformed", TYP);
  return { name: signed.name, form };
}

export const ascending = (names: string[]): boolean => names.every((name, at) => at === 0 || names[at - 1]! < name);

function wellFounded(form: Create): boolean {
  const members = form.members.map(({ member }) => member);
  if (!ascending(members) || !ascending(form.keepers) || !members.includes(form.as)) return false;
  if (form.kind === "team") {
    const people = members.every((each) => each.startsWith("person:"));
    return people && form.keepers.length === 0 && form.members.some(({ role }) => role === "admin");
  }
  return form.keepers.every((each) => each.startsWith("team:") && members.includes(each));
}

/** Whether it is one addition more than a group with these acts takes. Removals need no limit: only who was added can be removed. */
export function isTooMany(form: Create | Change, acts: Act[]): boolean {
  if (form.act !== "add") return false;
  const same = acts.filter(({ form: other }) => other.act === "add" && other.member === form.member);
  return acts.length >= ACTS_MAX || same.length >= ADDITIONS_MAX;
}

/** The members of `group`, from whatever acts there are, in whatever order. */
export function replay(group: string, acts: Iterable<Act>): Membership {
  const found = new Map([...acts].map(({ name, form }) => [name, form]));
  const root = found.get(group);
  const every = () => [...found.keys()];
  if (root?.act !== "create") {
    return { kind: null, members: new Map(), heads: [], pending: every().sort(), refused: [], void: [] };
  }
  const history = new History(group, root);
  const followers = new Map<string, string[]>();
  const missing = new Map<string, number>();
  for (const [name, form] of found) {
    if (form.act === "create" || form.group !== group) continue;
    missing.set(name, form.after.length);
    for (const before of form.after) followers.set(before, [...(followers.get(before) ?? []), name]);
  }
  const ready = [group];
  for (let at = ready.pop(); at !== undefined; at = ready.pop()) {
    for (const name of followers.get(at) ?? []) {
      missing.set(name, missing.get(name)! - 1);
      if (missing.get(name) !== 0) continue;
      history.place(name, found.get(name) as Change);
      ready.push(name);
    }
  }
  return history.outcome(every().filter((name) => !history.past.has(name)).sort());
}

const pushed = <T>(lists: Map<string, T[]>, key: string, value: T): unknown => lists.set(key, [...(lists.get(key) ?? []), value]);

/** Acts of one group, each placed after all that it follows. Sets of acts are whole numbers, a bit for each act. */
class History {
  readonly past = new Map<string, bigint>();
  readonly #bit = new Map<string, bigint>();
  readonly #acting = new Map<string, string>();
  readonly #roles = new Map<string, Map<string, Role>>();
  readonly #additions = new Map<string, string[]>();
  readonly #removals = new Map<string, string[]>();
  readonly #refused: string[] = [];
  readonly #group: string;
  readonly #create: Create;

  constructor(group: string, create: Create) {
    this.#group = group;
    this.#create = create;
    this.#bit.set(group, 1n);
    this.past.set(group, 0n);
    this.#acting.set(group, create.as);
    this.#roles.set(group, new Map(create.members.map(({ member, role }) => [member, role])));
    for (const { member } of create.members) pushed(this.#additions, member, group);
  }

  place(name: string, form: Change): void {
    const past = form.after.reduce((sum, before) => sum | this.past.get(before)! | this.#bit.get(before)!, 0n);
    this.#bit.set(name, 1n << BigInt(this.#bit.size));
    this.past.set(name, past);
    this.#acting.set(name, form.as);
    if (!this.#may(form, past)) this.#refused.push(name);
    else if (form.act === "remove") pushed(this.#removals, form.member, name);
    else {
      this.#roles.set(name, new Map([[form.member, form.role]]));
      pushed(this.#additions, form.member, name);
    }
  }

  #may(form: Change, past: bigint): boolean {
    const role = this.#standing(form.as, past);
    if (role === null || (form.act === "remove" && this.#create.keepers.includes(form.member))) return false;
    if (this.#create.kind === "conversation") return true;
    const leaving = form.act === "remove" && form.member === form.as;
    return (role === "admin" || leaving) && form.member.startsWith("person:");
  }

  #in(name: string, among: bigint): boolean {
    return (this.#bit.get(name)! & among) !== 0n;
  }

  /** The additions of `member` in `among` that no removal there fails to precede. */
  #unremoved(member: string, among: bigint): string[] {
    const removals = (this.#removals.get(member) ?? []).filter((each) => this.#in(each, among));
    return (this.#additions.get(member) ?? []).filter(
      (each) => this.#in(each, among) && removals.every((removal) => this.#in(removal, this.past.get(each)!)),
    );
  }

  /** The role of `member`, if only the acts in `among` had happened. */
  #standing(member: string, among: bigint): Role | null {
    const counted = this.#unremoved(member, among).filter((each) => this.#counts(each, among));
    const roles = counted.map((each) => this.#roles.get(each)!.get(member)!);
    return roles.length === 0 ? null : roles.includes("admin") ? "admin" : "member";
  }

  /** Whether nobody removed the one who added without knowing of it, nor the one who had added them, and so on. */
  #counts(addition: string, among: bigint): boolean {
    const known = new Map([[this.#group, true]]);
    const stack = [addition];
    while (!known.has(addition)) {
      const at = stack.at(-1)!;
      const grounds = this.#overtaken(at, among) ? [] : this.#unremoved(this.#acting.get(at)!, this.past.get(at)!);
      const unknown = grounds.find((each) => !known.has(each));
      const stands = grounds.some((each) => known.get(each));
      if (!stands && unknown !== undefined) stack.push(unknown);
      else {
        known.set(at, stands);
        stack.pop();
      }
    }
    return known.get(addition)!;
  }

  /** Whether the one who added was removed, by somebody who did not know of it. */
  #overtaken(addition: string, among: bigint): boolean {
    return (this.#removals.get(this.#acting.get(addition)!) ?? []).some(
      (removal) =>
        this.#in(removal, among) &&
        !this.#in(removal, this.past.get(addition)!) &&
        !this.#in(addition, this.past.get(removal)!),
    );
  }

  outcome(pending: string[]): Membership {
    const every = (1n << BigInt(this.#bit.size)) - 1n;
    const members = new Map<string, Role>();
    for (const member of [...this.#additions.keys()].sort()) {
      const role = this.#standing(member, every);
      if (role) members.set(member, role);
    }
    const heard = [...this.past.keys()].filter((name) => !this.#refused.includes(name));
    const covered = heard.reduce((sum, name) => sum | this.past.get(name)!, 0n);
    return {
      kind: this.#create.kind,
      members,
      heads: heard.filter((name) => !this.#in(name, covered)).sort(),
      pending,
      refused: [...this.#refused].sort(),
      void: [...this.#roles.keys()].filter((name) => !this.#counts(name, every)).sort(),
    };
  }
}
