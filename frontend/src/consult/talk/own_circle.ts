/** Oneself and one's teams, as far as others need not open anything to know them. */

import { api } from "../api.ts";
import type { KeyLog } from "../keyring/key_log.ts";
import { must } from "../unanswered.ts";
import { Circle } from "./circle.ts";

/** Throws Unanswered. */
export async function ownCircle(person: string, log: KeyLog | null): Promise<Circle> {
  const circle = new Circle(person, new Map(), log);
  const { groups } = await must(api.groups());
  await circle.meet([circle.self, ...groups.filter(({ kind }) => kind === "team").map(({ group }) => `team:${group}`)]);
  return circle;
}
