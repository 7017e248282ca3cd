/** What became of the confirmation mails: asked as often as the answer says, and less when that goes on for long. */

import { find, icon, setText, show } from "../lib/dom.ts";
import { pause, spread } from "../lib/live.ts";
import { texts } from "./texts.ts";

interface Answer {
  mails: Mail[];
  /** In seconds; null when nothing more will happen soon. */
  poll_after_s: number | null;
}

interface Mail {
  recipient: string;
  /** One may ask for it again. */
  again: boolean;
  /** It did not arrive, and will not. */
  lost: boolean;
  time: string;
  say: string;
  icon: string;
  mark: string;
}

const SOON_MS = 2_000;
const LATER_MS = 15_000;
/** After so many times nobody is looking any more who would want to know at once. */
const SOON_TIMES = 30;

export async function watchMails(card: HTMLElement): Promise<void> {
  for (let asked = 0; ; asked += 1) {
    const answer = document.hidden ? null : await read(card.dataset["mails"]!);
    for (const mail of answer?.mails ?? []) showMail(card, mail);
    if (answer && answer.poll_after_s === null) return;
    const wait = (answer?.poll_after_s ?? 0) * 1000;
    await pause(spread(Math.max(wait, asked < SOON_TIMES ? SOON_MS : LATER_MS)));
  }
}

async function read(address: string): Promise<Answer | null> {
  try {
    const response = await fetch(address, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(5_000) });
    return response.ok ? ((await response.json()) as Answer) : null;
  } catch {
    return null;
  }
}

function showMail(card: HTMLElement, mail: Mail): void {
  const row = card.querySelector(`[data-mail="${CSS.escape(mail.recipient)}"]`);
  if (!row) return;
  setText(find("[data-time]", row), mail.time);
  show(find("[data-again]", row), mail.again);
  const say = find("[data-say]", row);
  if (say.textContent === mail.say) return;
  setText(say, mail.say);
  if (mail.lost) find<HTMLDetailsElement>("[data-mend]", card).open = true;
  row.classList.toggle("balie-step--wait", mail.mark === "wait");
  find(".balie-step__mark", row).replaceChildren(icon(mail.icon));
  setText(find("[data-said]", card), texts.mail.said(mail.recipient, mail.say));
}
