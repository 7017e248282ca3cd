/** One's teams, read whole: every key they had, and their reserves, whether or not one's own keys are open. */

import type { Bytes } from "../../crypto/encoding.ts";
import { unb64 } from "../../crypto/encoding.ts";
import type { Reserve } from "../../crypto/reserve.ts";
import { seedsByName } from "../../crypto/suite.ts";
import { api, type ReserveListed } from "../api.ts";
import type { Known, Session } from "../session.ts";
import { Circle } from "../talk/circle.ts";
import { groupOf, historiesOf } from "../talk/feed.ts";
import { Team } from "../talk/group.ts";
import { must } from "../unanswered.ts";

/** A team of ours, and how its reserve stands. */
export interface Stands {
  team: Team;
  /** How many keys it has, and how many of them are in the reserve. */
  keys: number;
  listed: ReserveListed | null;
  /** What its administrator stated of it; null where that does not hold. */
  reserve: Reserve | null;
  administers: boolean;
}

const seedsOf = (person: Known | Session): Promise<Map<string, Bytes>> =>
  seedsByName("open" in person ? person.open.keyset.generations.map(({ kem }) => unb64(kem)) : []);

/** Throws Unanswered. */
export async function readTeams(person: Known | Session): Promise<Circle> {
  const circle = new Circle(person.account.person.person, await seedsOf(person), person.log);
  const { groups } = await must(api.groups());
  for (const { group, kind, name = null, practice = null } of groups) {
    if (kind === "team") circle.teams.set(group, Object.assign(new Team(group), { name, practice }));
  }
  for (const event of await historiesOf([...circle.teams.keys()])) circle.teams.get(groupOf(event) ?? "")?.take(event);
  const teams = [...circle.teams.values()];
  await circle.meet([circle.self, ...teams.flatMap((team) => [...team.named()])]);
  for (const team of teams) await team.judge(circle);
  // Who was let in by a reserve, or by colleagues, can only be believed once the teams are known.
  await circle.vouch(teams.flatMap((team) => [...team.persons()]));
  for (const team of teams) await team.judge(circle);
  return circle;
}

/** Throws Unanswered. */
export async function readStands(circle: Circle): Promise<Stands[]> {
  const { reserves } = await must(api.reserves());
  return circle.own().map((team) => {
    const found = reserves.find((each) => each.team === team.group);
    const listed = found?.reserve ?? null;
    const reserve = listed !== null && team.reserve?.set === listed.set ? team.reserve : null;
    const administers = team.membership.members.get(circle.self) === "admin";
    return { team, keys: found?.keys.length ?? 0, listed, reserve, administers };
  });
}
