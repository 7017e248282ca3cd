/** Hears what is new as it happens, and asks for it while nothing can be heard. */

import { pause, spread } from "../../lib/live.ts";
import type { Reading } from "../api.ts";
import type { News, Talk } from "./talk.ts";

/** How often one asks while there is no stream. */
const ASK_MS = 2000;
/** The stream says something every 15 seconds; silence is a lost line. */
const SILENCE_MS = 40_000;
const AGAIN_MS = 10_000;

/** For as long as the page lives. `connected` is told whether what one sees is what there is. */
export function follow(talk: Talk, on: { reads: () => void; connected: (yes: boolean) => void }): void {
  let source: EventSource | null = null;
  let heardAt = performance.now();
  const heard = (): void => {
    heardAt = performance.now();
  };
  const told = (act: Promise<void>): void =>
    void act.then(
      () => on.connected(true),
      () => on.connected(false),
    );
  const listen = (): void => {
    source?.close();
    heard();
    source = new EventSource("/stream/consult");
    source.addEventListener("beat", heard);
    source.addEventListener("news", ({ data }: MessageEvent<string>) => {
      heard();
      told(talk.news(JSON.parse(data) as News));
    });
    source.addEventListener("reads", ({ data }: MessageEvent<string>) => {
      heard();
      const { conversation, reads } = JSON.parse(data) as { conversation: string; reads: Reading[] };
      talk.hearReads(conversation, reads);
      on.reads();
    });
  };
  const watch = async (): Promise<never> => {
    for (let again = performance.now() + AGAIN_MS; ; ) {
      await pause(spread(ASK_MS));
      const quiet = performance.now() - heardAt > SILENCE_MS;
      if (source?.readyState === EventSource.OPEN && !quiet) continue;
      told(talk.catchUp());
      if (performance.now() < again || (source?.readyState === EventSource.CONNECTING && !quiet)) continue;
      again = performance.now() + AGAIN_MS;
      listen();
    }
  };
  listen();
  void watch();
}
