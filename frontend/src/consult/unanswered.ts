/** What the server answers, or the reason why it does not. */

import type { Answer, Failure } from "../lib/live.ts";

/** The server did not do it; the failure says why, in words for the person. */
export class Unanswered extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(`${failure.code}: ${failure.title}`);
    this.name = "Unanswered";
    this.failure = failure;
  }
}

const WAITING_HELPS = ["no_connection", "try_again", "too_many", "behind", "key_retired", "fault", "no_pass"];

/** Whether the same may be taken later. */
export const waitingHelps = ({ code }: Failure): boolean => WAITING_HELPS.includes(code);

/** The value of an answer; throws Unanswered. */
export async function must<T>(answer: Promise<Answer<T>>): Promise<T> {
  const found = await answer;
  if (!found.ok) throw new Unanswered(found);
  return found.value;
}
