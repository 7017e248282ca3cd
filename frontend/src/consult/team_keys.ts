/** Keys of one's teams, made anew where none fits any more (`docs/spec/consult/teams.md`, "Which key to use"). */

import type { Session } from "./session.ts";
import { GroupActs } from "./talk/group_acts.ts";
import { ownCircle } from "./talk/own_circle.ts";
import { Unanswered } from "./unanswered.ts";

/** Colleagues may do the same at this moment: who loses looks again. */
const ATTEMPTS = 5;

/** At once, so that nobody need wait for a visit to conversations. Throws Unanswered. */
export async function renewTeams(session: Session): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const circle = await ownCircle(session.account.person.person, session.log);
    const acts = new GroupActs(session, circle);
    try {
      for (const team of circle.own()) if (team.currentKey(circle) === null) await acts.makeKey(team);
      return;
    } catch (error) {
      if (!(error instanceof Unanswered) || error.failure.code !== "behind" || attempt === ATTEMPTS) throw error;
    }
  }
}
