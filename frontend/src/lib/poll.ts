/** Following a waiting room by reading its one small file. */

import { pause, spread, type Failure, type LiveClient, type RoomState } from "./live.ts";

/** Reads the room's state again and again, as often as the server asks for, until stopped. */
export function pollState(
  client: LiveClient,
  on: { state: (state: RoomState) => void; failure: (failure: Failure) => void },
): { stop: () => void } {
  let stopped = false;
  const run = async (): Promise<void> => {
    while (!stopped) {
      const answer = await client.state();
      if (stopped) return;
      if (answer.ok) on.state(answer.value);
      else on.failure(answer);
      await pause(spread(answer.ok ? Math.max(250, answer.value.poll_after_ms) : 1000));
    }
  };
  void run();
  return {
    stop: () => {
      stopped = true;
    },
  };
}
