/** Back in with two sheets, when no key is left: new keys for oneself, and what the team had (`reserve.md`, "Restoring"). */

import { type Bytes, unb64 } from "../../crypto/encoding.ts";
import { openCopy, type Part, type Reserve, restore, signSeedOf } from "../../crypto/reserve.ts";
import { cosign, signerOf } from "../../crypto/statements.ts";
import { TYP } from "../account.ts";
import { makeNewKeys, takeUp } from "../admission.ts";
import { api } from "../api.ts";
import type { Known, Session } from "../session.ts";
import { GroupActs } from "../talk/group_acts.ts";
import type { Team } from "../talk/group.ts";
import { renewTeams } from "../team_keys.ts";
import { must } from "../unanswered.ts";
import { readTeams } from "./teams.ts";

/** Every key of the team that the reserve has, by name. A copy that does not open is somebody's fault, and its key is missing. */
async function openCopies(team: Team, seed: Bytes): Promise<Map<string, Bytes>> {
  const { copies } = await must(api.reserveCopies(team.group));
  const keys = new Map<string, Bytes>();
  for (const [name, sealed] of Object.entries(copies)) {
    const key = await openCopy(team.group, name, seed, unb64(sealed)).catch(() => null);
    if (key) keys.set(name, key);
  }
  return keys;
}

/**
 * Who lost all ways in: the sheets open the team's keys and vouch for a new key of their own. Who has that (the connection
 * broke off after it) gets the rest. Throws Unanswered and Rejected.
 */
export async function comeBack(person: Known | Session, team: Team, reserve: Reserve, parts: Part[]): Promise<void> {
  const seed = await restore(reserve, parts);
  const keys = await openCopies(team, seed);
  const session = "open" in person ? person : await letIn(person, seed);
  seed.fill(0);
  await giveSelf(session, team.group, keys);
  await renewTeams(session);
}

async function letIn(known: Known, seed: Bytes): Promise<Session> {
  const made = await makeNewKeys(known);
  const vouched = await cosign(TYP.personKey, made.statement, await signerOf(await signSeedOf(seed)));
  return takeUp(known, made, vouched);
}

/** What the reserve gave, sealed to one's new key as for who joins; one has it on every device then. Throws Unanswered. */
async function giveSelf(session: Session, group: string, keys: Map<string, Bytes>): Promise<void> {
  const circle = await readTeams(session);
  const team = circle.teams.get(group)!;
  for (const [name, key] of keys) team.regain(name, key);
  await new GroupActs(session, circle).giveBack(team, circle.self);
}
