/** Events of the feed, and reading all pages of them. */

import { api, type FeedEvent, type FeedPage } from "../api.ts";
import { must } from "../unanswered.ts";

/** The group that it is of; null of what people state of themselves. */
export const groupOf = ({ statement, message }: FeedEvent): string | null => message?.conversation ?? statement?.group ?? null;

/** About so many groups or people one asks at once: the server takes no more. */
const AT_ONCE = 30;

export const inParts = <T>(all: T[]): T[][] =>
  Array.from({ length: Math.ceil(all.length / AT_ONCE) }, (_, at) => all.slice(at * AT_ONCE, (at + 1) * AT_ONCE));

/** Of each of these groups all of it, from the beginning to the last page. Throws Unanswered. */
export async function historiesOf(groups: string[]): Promise<FeedEvent[]> {
  const answers = await Promise.all(inParts(groups).map((part) => must(api.histories(part))));
  const firsts = answers.flatMap(({ histories }) => histories);
  return (await Promise.all(firsts.map(wholeOf))).flat();
}

async function wholeOf({ group, ...first }: FeedPage & { group: string }): Promise<FeedEvent[]> {
  const events = [...first.events];
  for (let page: FeedPage = first; page.more; ) {
    page = await must(api.history(group, page.after));
    events.push(...page.events);
  }
  return events;
}
