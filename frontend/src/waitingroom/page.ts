/** What Django tells the waiting room page. */

import type { WantedLine } from "../lib/live.ts";

export interface WaitingPage {
  campaign: number;
  practice: number;
  /** The prepared order; empty when nothing was put ready. */
  lines: WantedLine[];
  /** Wished days, best first. */
  ranking: string[];
  window_s: number;
  help_phone: string;
  urls: { calendar: string; placed: string; prepare: string; login: string };
}
