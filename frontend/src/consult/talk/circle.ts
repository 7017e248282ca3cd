/** Everybody who plays a part in one's conversations: people, and teams of which one may or may not be a member. */

import { type Bytes } from "../../crypto/encoding.ts";
import type { KnownKey } from "../../crypto/persons.ts";
import type { Kem } from "../../crypto/suite.ts";
import type { Vouching } from "../account.ts";
import { api } from "../api.ts";
import type { KeyLog } from "../keyring/key_log.ts";
import { texts } from "../texts.ts";
import { Unanswered } from "../unanswered.ts";
import { Directory } from "./directory.ts";
import { type Company, type Group, isPerson, PERSON, personOf, Team } from "./group.ts";

const teamOf = (member: string): string => member.slice("team:".length);

export class Circle implements Company {
  readonly me: string;
  readonly directory: Directory;
  readonly teams = new Map<string, Team>();
  readonly #seeds: ReadonlyMap<string, Bytes>;
  /** Whom a team was asked about already. */
  readonly #askedAbout = new Set<string>();

  /** `seeds`: one's own, by the name of the KEM key. `log`: where there is one, keys of others count once they are in it. */
  constructor(me: string, seeds: ReadonlyMap<string, Bytes>, log: KeyLog | null) {
    this.me = me;
    this.directory = new Directory(me, log);
    this.#seeds = seeds;
  }

  get self(): string {
    return PERSON + this.me;
  }

  team(member: string): Team | undefined {
    return isPerson(member) ? undefined : this.teams.get(teamOf(member));
  }

  isIn(team: Group): boolean {
    return team.membership.members.has(this.self);
  }

  /** Teams that one is in. */
  own(): Team[] {
    return [...this.teams.values()].filter((team) => this.isIn(team));
  }

  /** In whose name one acts there: one's own, or that of a team of ours; null when one does not belong. */
  actsAs({ over, membership: { members } }: Group): string | null {
    if (over) return null;
    if (members.has(this.self)) return this.self;
    return this.own().find(({ member }) => members.has(member))?.member ?? null;
  }

  name(member: string): string {
    if (isPerson(member)) return this.directory.name(personOf(member));
    return this.team(member)?.name ?? texts.talk.someTeam;
  }

  /** Who reads along by this member, as far as one knows. */
  readers(member: string): string[] {
    if (isPerson(member)) return [personOf(member)];
    return [...(this.team(member)?.membership.members.keys() ?? [])].map(personOf);
  }

  /** Everybody who reads along in a group, by themselves or by a team, other than oneself. */
  others({ membership }: Group): string[] {
    const readers = new Set([...membership.members.keys()].flatMap((member) => this.readers(member)));
    readers.delete(this.me);
    return [...readers];
  }

  /** Who may have written as this member: of a team that one may not know, whoever did. */
  writers(member: string, author: string): string[] {
    if (isPerson(member)) return [personOf(member)];
    const team = this.team(member);
    return team ? [...team.ever()].map(personOf) : [author];
  }

  signers(persons: Iterable<string>, feed: number): KnownKey[] {
    const teams = [...this.teams.values()].map((team) => ({ member: team.member, ever: team.ever() }));
    return this.directory.signers(persons, feed).map((known) => ({
      ...known,
      teams: teams.filter(({ ever }) => ever.has(PERSON + known.person)).map(({ member }) => member),
    }));
  }

  seed(member: string, kem: string): Bytes | undefined {
    return member === this.self ? this.#seeds.get(kem) : this.team(member)?.keys.get(kem);
  }

  kem(member: string): string | null {
    if (isPerson(member)) return this.directory.get(personOf(member))?.kem ?? null;
    const team = this.team(member);
    if (!team) return null;
    return this.isIn(team) ? (team.sendingKey(this)?.name ?? null) : team.currentKey(this);
  }

  /** What one seals to when something is for this member. */
  publicKey(member: string): Kem | null {
    const person = isPerson(member) ? this.directory.get(personOf(member))?.keys?.person : undefined;
    if (isPerson(member)) return person ? { suite: person.suite, key: person.kem } : null;
    const kem = this.kem(member);
    return kem === null ? null : (this.team(member)?.publicKey(kem) ?? null);
  }

  /** Reads whoever is not known. `again`: also what is new of teams that one is not in. Throws Unanswered. */
  async meet(members: Iterable<string>, again = false): Promise<void> {
    const all = [...new Set(members)];
    await this.directory.meet(all.filter(isPerson).map(personOf));
    for (const each of all.filter((member) => !isPerson(member)).map(teamOf)) {
      const known = this.teams.get(each);
      if (!known || (again && !this.isIn(known))) await this.#readTeam(each);
    }
    await this.vouch(all.filter(isPerson).map(personOf));
  }

  /** Keys that are tied to no earlier one count when administrators of a team of theirs vouch for them, or its reserve. */
  async vouch(persons: Iterable<string>): Promise<void> {
    for (const person of persons) {
      if (this.directory.unvouched(person)) await this.directory.vouch(person, this.vouching(person));
    }
  }

  /** Who may vouch for a new key of somebody. */
  vouching(person: string): Vouching {
    const teams = [...this.teams.values()].filter(({ membership }) => membership.members.has(PERSON + person));
    return { admitters: this.admitters(person), reserves: teams.flatMap((team) => team.vouching()) };
  }

  /** Of people: administrators of the teams they are in, by their current keys. */
  admitters(person: string): KnownKey[] {
    const teams = [...this.teams.values()].filter(({ membership }) => membership.members.has(PERSON + person));
    const admins = teams.flatMap(({ membership }) => [...membership.members].filter(([, role]) => role === "admin"));
    const people = new Set(admins.map(([member]) => personOf(member)));
    people.delete(person);
    return [...people].flatMap((admin) => {
      const keys = this.directory.get(admin)?.keys;
      return [...(keys?.person.era.values() ?? [])].map(({ publicKey }) => ({ person: admin, sign: publicKey }));
    });
  }

  /** Whether their last key is tied to no earlier one: others vouched for it. */
  isAdmitted(member: string): boolean {
    return isPerson(member) && this.directory.get(personOf(member))?.keys?.person.how === "admitted";
  }

  /** Somebody whom one knows from nowhere may be new in a team. */
  async meetAuthors(group: Group, authors: Iterable<string>): Promise<void> {
    const { members } = group.membership;
    const outside = [...members.keys()].flatMap((member) => this.team(member) ?? []).filter((team) => !this.isIn(team));
    for (const author of authors) {
      const member = PERSON + author;
      if (members.has(member)) continue;
      for (const team of outside) {
        const about = `${team.group} ${author}`;
        if (team.ever().has(member) || this.#askedAbout.has(about)) continue;
        this.#askedAbout.add(about);
        await this.#readTeam(team.group);
      }
    }
  }

  /** What the server tells whoever can write to a team. Nothing when one may not know it. */
  async #readTeam(group: string): Promise<void> {
    const team = this.teams.get(group) ?? new Team(group);
    for (let more = true; more; ) {
      const answer = await api.team(group, team.told);
      if (!answer.ok && answer.code === "not_found") return;
      if (!answer.ok) throw new Unanswered(answer);
      const { events, after, more: on, name, practice, for_patients: forPatients } = answer.value;
      for (const event of events) team.take(event);
      Object.assign(team, { told: after, name, practice, forPatients });
      more = on;
    }
    for (const person of team.persons()) this.directory.outdate(person);
    await this.directory.meet(team.persons());
    this.teams.set(group, team);
    await team.judge(this);
    // Whom its administrators or its reserve let in can only be believed now; what they stated since counts then.
    const admitted = [...team.persons()].filter((each) => this.directory.unvouched(each));
    if (admitted.length === 0) return;
    await this.vouch(admitted);
    await team.judge(this);
  }
}
