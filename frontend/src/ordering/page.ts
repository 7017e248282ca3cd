/** What Django tells the calendar page (`balie/ordering/views/calendar.py`). */

import type { WantedLine } from "../lib/live.ts";

export interface CalendarPage {
  campaign: number;
  practice: number;
  window_s: number;
  help_phone: string;
  products: { id: number; name: string }[];
  locations: { id: number; name: string; address: string }[];
  /** The prepared order; empty when nothing was put ready. */
  lines: WantedLine[];
  /** Wished days, best first. */
  ranking: string[];
  urls: { prepare: string; waiting: string; calendar: string; placed: string; login: string };
}
