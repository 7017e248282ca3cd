/** What Django tells the waiting room page. */

import type { WantedLine } from "../lib/live.ts";

/** Balie orders for the practice on its turn; `failed` once it could not. */
export interface Auto {
  failed: boolean;
}

export interface WaitingPage {
  campaign: number;
  practice: number;
  /** The place of our round among the room's, from 1. */
  round: number;
  /** The prepared order; empty when nothing was put ready. */
  lines: WantedLine[];
  /** Wished days, best first. */
  ranking: string[];
  window_s: number;
  help_phone: string;
  auto: Auto | null;
  urls: { calendar: string; placed: string; prepare: string; login: string };
}
