/** What the order card says in each situation. Pure. */

import { firstWish, type OwnDay } from "./days.ts";
import type { CardLook } from "./order_card.ts";
import { texts } from "./texts.ts";

export interface Situation {
  /** Whether the server told us yet where we stand. */
  known: boolean;
  held: string[];
  lapsed: boolean;
  hasLines: boolean;
  ranking: readonly string[];
  days: ReadonlyMap<string, OwnDay>;
  minutes: number;
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
  if (!situation.known) return { ...look, advice: "", main: null };
  if (!situation.hasLines) return { ...look, advice: texts.desk.nothing, main: texts.desk.fillIn };
  const hint = texts.desk.starts(situation.minutes);
  if (situation.lapsed) return { ...look, hint, advice: "", main: texts.desk.again };
  const first = firstWish(situation.ranking, situation.days);
  if (first) {
    const advice = texts.desk.first(first, situation.ranking.indexOf(first) + 1);
    return { ...look, hint, advice, main: texts.desk.holdFirst(first) };
  }
  const listIsFull = situation.ranking.length > 0 && situation.days.size > 0;
  return { ...look, hint, advice: listIsFull ? texts.desk.noneFree : texts.desk.noList, main: null };
}
