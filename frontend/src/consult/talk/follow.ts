/** Hears what is new as it happens, and asks for it while nothing can be heard. One stream serves all tabs of a browser. */

import { pause, spread } from "../../lib/live.ts";
import type { Reading } from "../api.ts";
import type { News } from "./hearing.ts";
import type { Talk } from "./talk.ts";

/** How often one asks while there is no stream. */
const ASK_MS = 2000;
/** The stream says something every 15 seconds; silence is a lost line. */
const SILENCE_MS = 40_000;
const AGAIN_MS = 10_000;
const EVENTS = ["beat", "news", "reads", "functions"] as const;

/** As the stream says it. `lost`: the tab that had it hears nothing now. */
interface Heard {
  what: (typeof EVENTS)[number] | "lost";
  data: string;
}

/** For as long as the page lives. `connected` is told whether what one sees is what there is. */
export function follow(talk: Talk, on: { reads: () => void; connected: (yes: boolean) => void }): void {
  let heardAt = performance.now();
  let behind = false; // what was told could not be taken in
  const told = (act: Promise<void>): void => {
    const say = (well: boolean) => (): void => {
      behind = !well;
      on.connected(well);
    };
    void act.then(say(true), say(false));
  };
  const hear = ({ what, data }: Heard): void => {
    heardAt = performance.now();
    if (what === "news") told(talk.news(JSON.parse(data) as News));
    if (what === "functions") dispatchEvent(new Event("balie-functions"));
    if (what !== "reads") return;
    const { conversation, reads } = JSON.parse(data) as { conversation: string; reads: Reading[] };
    talk.readings.hear(conversation, reads);
    on.reads();
  };
  const line = new Line(talk.me, hear);
  const watch = async (): Promise<never> => {
    for (let again = performance.now() + AGAIN_MS; ; ) {
      await pause(spread(ASK_MS));
      const quiet = performance.now() - heardAt > SILENCE_MS;
      const stands = line.stands && !quiet;
      if (!stands || behind) told(talk.catchUp());
      if (stands || performance.now() < again || (line.waits && !quiet)) continue;
      again = performance.now() + AGAIN_MS;
      heardAt = performance.now();
      line.open();
    }
  };
  void line.serve();
  void watch();
}

/** The stream of this browser: one tab has it and tells the others; when that tab goes, another takes over. */
class Line {
  readonly #name: string;
  readonly #hear: (heard: Heard) => void;
  readonly #tabs: BroadcastChannel;
  #first = false;
  #source: EventSource | null = null;
  /** Whether the tab that has the stream lets us hear it. */
  #told = false;

  constructor(person: string, hear: (heard: Heard) => void) {
    this.#name = `balie-stream-${person}`;
    this.#hear = hear;
    this.#tabs = new BroadcastChannel(this.#name);
    this.#tabs.onmessage = ({ data }: MessageEvent<Heard>) => {
      this.#told = data.what !== "lost";
      if (this.#told) hear(data);
    };
  }

  /** What is said comes here. */
  get stands(): boolean {
    return this.#first ? this.#source?.readyState === EventSource.OPEN : this.#told;
  }

  get waits(): boolean {
    return this.#source?.readyState === EventSource.CONNECTING;
  }

  /** From when the tab before us is gone, until we are. */
  async serve(): Promise<void> {
    await navigator.locks.request(this.#name, () => {
      this.#first = true;
      this.open();
      return new Promise<never>(() => {});
    });
  }

  /** Anew, if it is ours to open. */
  open(): void {
    if (!this.#first) return;
    this.#source?.close();
    this.#source = new EventSource("/stream/consult");
    this.#source.onerror = () => this.#tabs.postMessage({ what: "lost", data: "" } satisfies Heard);
    for (const what of EVENTS) {
      this.#source.addEventListener(what, ({ data }: MessageEvent<string>) => {
        const heard: Heard = { what, data };
        this.#tabs.postMessage(heard);
        this.#hear(heard);
      });
    }
  }
}
