/** How a consultatie stands, in words. */

import { dayOf, formatDate, formatDuration, formatMinutes } from "../../lib/format.ts";
import { texts } from "../texts.ts";
import type { AgreementListed, ConsultationListed } from "../api.ts";
import { PERSON } from "../talk/group.ts";
import type { Talk } from "../talk/talk.ts";

const words = texts.consultations;

/** The team it is with, or the specialist. */
export function askedOf({ circle }: Talk, { team, holder }: ConsultationListed): string {
  return team !== null ? circle.name(`team:${team}`) : circle.name(PERSON + (holder ?? ""));
}

export const dateAndTime = (at: string): string => `${formatDate(dayOf(at))}, ${formatMinutes(at)}`;

/** By this device's clock: it only says; the server decides. */
export function timeLeft({ due_at }: Pick<ConsultationListed, "due_at">, now: number = Date.now()): string {
  const left = Date.parse(due_at) - now;
  if (left <= 0) return words.late(dateAndTime(due_at));
  return words.left(formatDuration(Math.ceil(left / 60_000) * 60_000).replace(/ 0 s$/, ""), dateAndTime(due_at));
}

export const agreed = ({ unit, within }: AgreementListed): string => (unit === "hour" ? words.withinHours(within) : words.withinDays(within));
