/** What the desk says in each situation: on the card, in the title, aloud. Pure. */

import { formatCountdown } from "../lib/format.ts";
import { texts as shared } from "../lib/texts.ts";
import { firstWish, type OwnDay } from "./days.ts";
import { datesOf, type CardLook } from "./order_card.ts";
import { texts } from "./texts.ts";

export interface Situation {
  /** Whether the server told us yet where we stand. */
  known: boolean;
  /** Whether the organiser lets us order nothing. */
  blocked: boolean;
  held: string[];
  /** The days of the window that ran out; they may be asked for again. */
  lapsed: string[];
  hasLines: boolean;
  ranking: readonly string[];
  days: ReadonlyMap<string, OwnDay>;
  windowMs: number;
  /** What is being done now, as the button says it. */
  underway: string | null;
}

export function deskLook(situation: Situation): CardLook {
  const look = situation.held.length > 0 ? heldLook(situation) : chooseLook(situation);
  return situation.underway === null ? look : { ...look, main: situation.underway, busy: true, release: false };
}

function heldLook({ held }: Situation): CardLook {
  return {
    title: texts.desk.check,
    held,
    advice: "",
    main: texts.desk.confirm,
    busy: false,
    hint: texts.desk.otherDay,
    release: true,
  };
}

function chooseLook(situation: Situation): CardLook {
  const look = { title: texts.desk.choose, held: [], busy: false, release: false, hint: "" };
  if (!situation.known || situation.blocked) return { ...look, advice: "", main: null };
  if (!situation.hasLines) return { ...look, advice: texts.desk.nothing, main: texts.desk.fillIn };
  const hint = texts.desk.starts(situation.windowMs);
  if (situation.lapsed.length > 0) {
    return { ...look, hint, advice: texts.desk.againFor(datesOf(situation.lapsed)), main: texts.desk.again };
  }
  const first = firstWish(situation.ranking, situation.days);
  if (first) {
    const advice = texts.desk.first(first, situation.ranking.indexOf(first) + 1);
    return { ...look, hint, advice, main: texts.desk.holdFirst(first) };
  }
  const listIsFull = situation.ranking.length > 0 && situation.days.size > 0;
  return { ...look, hint, advice: listIsFull ? texts.desk.noneFree : texts.desk.noList, main: null };
}

export function tabTitle(now: { still: boolean; left: number | null; dates: string; lapsed: boolean }): string {
  if (now.still) return shared.clockStill;
  if (now.left !== null) return texts.window.tab(formatCountdown(now.left), now.dates);
  return now.lapsed ? texts.desk.lapsedTab : texts.desk.chooseTab;
}

/** Of all that changes in the calendar only the practice's own list is spoken, and only what is better than it holds. */
export function newsOfWishes(
  before: ReadonlyMap<string, OwnDay>,
  now: ReadonlyMap<string, OwnDay>,
  ranking: readonly string[],
): string[] {
  const held = ranking.findIndex((wish) => now.get(wish)?.state === "yours");
  return ranking.slice(0, held < 0 ? ranking.length : held).flatMap((wish, place) => {
    const [was, is] = [before.get(wish)?.state, now.get(wish)?.state];
    if (was === undefined || was === "yours" || was === is) return [];
    if (is === "free") return [texts.say.wishFree(wish, place + 1)];
    return was === "free" ? [texts.say.wishGone(wish, place + 1)] : [];
  });
}
