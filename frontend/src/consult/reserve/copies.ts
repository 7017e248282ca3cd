/** Keys of teams of ours, sealed to the reserve of each (`docs/spec/consult/reserve.md`, "Copies"). */

import { b64, type Bytes, unb64 } from "../../crypto/encoding.ts";
import { sealCopy } from "../../crypto/reserve.ts";
import type { Kem } from "../../crypto/suite.ts";
import { api } from "../api.ts";
import type { Circle } from "../talk/circle.ts";
import { rejected, type Team } from "../talk/group.ts";

/** As many as one post may have. */
const POST_MOST = 400;

/** A key of a team, and what it is called. */
export type Named = [name: string, key: Bytes];

/** Copies of these keys, by name. */
export async function copiesOf(team: string, keys: Named[], reserveKey: Kem): Promise<Record<string, string>> {
  const sealed: Record<string, string> = {};
  for (const [name, key] of keys) sealed[name] = b64(await sealCopy(team, name, key, reserveKey));
  return sealed;
}

/** For the reserve of this team, if it has one. No key waits for it: what is not taken now is missing, and offered again. */
export async function sealToReserve(team: Team, keys: Named[]): Promise<void> {
  const { reserve } = team;
  if (reserve === null) return;
  for (let at = 0; at < keys.length; at += POST_MOST) {
    const sealed = await copiesOf(team.group, keys.slice(at, at + POST_MOST), { suite: reserve.suite, key: unb64(reserve.kem) }).catch(rejected);
    if (sealed === null) return; // to such a key nothing can be sealed; the page says how many the reserve lacks
    await api.addReserveCopies({ team: team.group, set: reserve.set, sealed });
  }
}

/** Whatever reserves of our teams have not, and we have. */
export async function completeReserves(circle: Circle): Promise<void> {
  if (circle.own().every(({ reserve }) => reserve === null)) return;
  const answer = await api.reserves();
  if (!answer.ok) return;
  for (const { team: name, reserve } of answer.value.reserves) {
    const team = circle.teams.get(name);
    if (!team || !reserve || team.reserve?.set !== reserve.set) continue;
    const copied = new Set(reserve.copied);
    await sealToReserve(team, [...team.keys].filter(([key]) => !copied.has(key)));
  }
}
