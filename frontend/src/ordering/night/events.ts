/** The control room's stream, `GET /stream/{campaign}/night` of `docs/spec/live.md`, typed. */

import { pause, spread } from "../../lib/live.ts";

export interface NightNow {
  now: string;
  /** The time of day. */
  wall: string;
  still: boolean;
  /** Practices that took a ticket. */
  arrivals: number;
  waiting: number;
  /** Called, and without an order yet. */
  inside: number;
  called: number;
  last: number;
  orders: number;
  doses: number;
  doses_limit: number;
  orders_auto: number;
  orders_per_minute: number;
  doses_per_minute: number;
  mail: { waiting: number; oldest_s: number; accepted: number; expected: number };
  oversold_days: number;
  weeks: { week: number; limit: number; ordered: number; held: number }[];
  pace: number;
  paused: boolean;
  /** Ordering is over, whoever still waits. */
  closed: boolean;
}

/** How things stood at the end of the minute that begins `at`; orders and doses are those of the minute itself. */
export interface Minute {
  at: string;
  waiting: number;
  inside: number;
  orders: number;
  doses: number;
  mail_waiting: number;
}

export interface NightListener {
  history: (minutes: Minute[]) => void;
  now: (now: NightNow) => void;
}

/** After the server refused the stream: how long until we ask again. */
const REFUSED_MS = 5_000;

/** Listens for as long as the page lives; the browser reconnects by itself, and we do when it gives up. */
export function listen(campaign: number, on: NightListener): void {
  const source = new EventSource(`/stream/${campaign}/night`);
  source.addEventListener("history", ({ data }: MessageEvent<string>) => {
    on.history((JSON.parse(data) as { minutes: Minute[] }).minutes);
  });
  source.addEventListener("night", ({ data }: MessageEvent<string>) => on.now(JSON.parse(data) as NightNow));
  source.addEventListener("error", () => {
    if (source.readyState !== EventSource.CLOSED) return;
    void pause(spread(REFUSED_MS)).then(() => listen(campaign, on));
  });
}
