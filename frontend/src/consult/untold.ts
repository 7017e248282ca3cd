/**
 * What the log has yet to hear of this browser (NEN 7513). Nobody waits for the server to read what is here: what cannot be
 * told now stays in this browser, and is told as soon as it can be.
 */

import { b64 } from "../crypto/encoding.ts";
import { api, type LogTelling } from "./api.ts";
import { waitingHelps } from "./unanswered.ts";

const AGAIN_MS = 60_000;
/** Told later than this, it says when it was. */
const LATE_MS = 60_000;
const ID_BYTES = 16;
const COUNT_DIGITS = 9;

/** How many this page told: what was done within one millisecond keeps its order. */
let count = 0;

interface Untold {
  /** Milliseconds since 1970. */
  at: number;
  entry: LogTelling;
}

const placeOf = (person: string): string => `balie-untold-${person}-`;

/** Kept before it is tried. */
export async function tell(person: string, entry: LogTelling): Promise<void> {
  const at = Date.now();
  const id = b64(crypto.getRandomValues(new Uint8Array(ID_BYTES)));
  const turn = String(++count).padStart(COUNT_DIGITS, "0");
  localStorage.setItem(`${placeOf(person)}${at}-${turn}-${id}`, JSON.stringify({ at, entry } satisfies Untold));
  await tellRest(person);
}

/** In the order in which it was done, one tab at a time. What the server will never take is dropped. */
export async function tellRest(person: string): Promise<void> {
  await navigator.locks.request(placeOf(person), async () => {
    for (const place of untold(person)) {
      const { at, entry } = JSON.parse(localStorage.getItem(place)!) as Untold;
      const late = Date.now() - at > LATE_MS ? { at: Math.floor(at / 1000) } : {};
      const answer = await api.tellLog([{ ...entry, ...late }], 0);
      if (!answer.ok && waitingHelps(answer)) return;
      localStorage.removeItem(place);
    }
  });
}

/** For as long as the page is there. */
export function keepTelling(person: string): void {
  const again = (): void => void tellRest(person);
  again();
  addEventListener("online", again);
  setInterval(again, AGAIN_MS);
}

function untold(person: string): string[] {
  return Object.keys(localStorage)
    .filter((place) => place.startsWith(placeOf(person)))
    .sort();
}
