/** The way between two devices of one person, through the application (`views/approvals.py`). */

import type { Statement } from "../crypto/statements.ts";
import { pause } from "../lib/live.ts";
import { csrf, page } from "./world.ts";

const EVERY_MS = 1500;
const WITHIN_MS = 5000;

export interface AskedApproval {
  set: string;
  challenge: string;
  approval: Statement | null;
}

async function request(init: RequestInit): Promise<AskedApproval | null> {
  const answer = await fetch(page.approvals, { ...init, signal: AbortSignal.timeout(WITHIN_MS) });
  if (!answer.ok) throw new TypeError(`${answer.status}`);
  return ((await answer.json()) as { asked: AskedApproval | null }).asked;
}

export const readApproval = (): Promise<AskedApproval | null> => request({});

export const postApproval = (asked: AskedApproval): Promise<AskedApproval | null> =>
  request({
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrf() },
    body: JSON.stringify(asked),
  });

/** Reads until `done` has what it waits for, or the signal ends it. What cannot be read now is read again. */
export async function watchApproval(done: (asked: AskedApproval | null) => boolean, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const asked = await readApproval().catch(() => null);
    if (signal.aborted || done(asked)) return;
    await pause(EVERY_MS);
  }
}
