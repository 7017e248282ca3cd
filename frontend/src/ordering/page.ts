/** What Django tells the calendar page (`balie/ordering/views/calendar.py`). */

import type { WantedLine } from "../lib/live.ts";
import type { Cost } from "./cost.ts";

export interface CalendarPage {
  campaign: number;
  practice: number;
  window_s: number;
  /** Which of the practice's orders this is about: 0 is the first. */
  slot: number;
  /** Delivery days up to this one are for pre-deliveries (slot 1), all later ones for all other orders. */
  early_until: string | null;
  /** Null where nothing is delivered: in a trial. */
  cost: Cost | null;
  help_phone: string;
  products: { id: number; name: string }[];
  locations: { id: number; name: string; address: string }[];
  /** The prepared order; empty when nothing was put ready. */
  lines: WantedLine[];
  /** Wished days, best first. */
  ranking: string[];
  urls: { prepare: string; waiting: string; calendar: string; placed: string; login: string };
}
