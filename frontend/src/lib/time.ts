/** The service's time in the header of the quiet shell. */

import { ServiceClock } from "./clock.ts";
import { setText } from "./dom.ts";
import { formatSeconds } from "./format.ts";
import type { LiveClient } from "./live.ts";
import { pollState } from "./poll.ts";

export function paintServiceTime(clock: ServiceClock): void {
  if (!clock.known) return;
  for (const place of document.querySelectorAll("[data-service-time]")) setText(place, formatSeconds(clock.now()));
}

/** For a page that needs nothing else of the room: ask now and then, and let the clock run. */
export function keepTime(client: LiveClient): void {
  const clock = new ServiceClock();
  pollState(client, { state: (state) => clock.update(state), failure: () => {} });
  setInterval(() => paintServiceTime(clock), 250);
}
