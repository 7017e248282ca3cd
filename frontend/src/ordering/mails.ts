/** What became of the confirmation mails: asked often at first, then less, until nothing more will happen. */

import { find, icon, setText } from "../lib/dom.ts";
import { pause, spread } from "../lib/live.ts";
import { texts } from "./texts.ts";

interface Mail {
  recipient: string;
  settled: boolean;
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
    const mails = document.hidden ? null : await read(card.dataset["mails"]!);
    if (mails) for (const mail of mails) showMail(card, mail);
    if (mails?.every((mail) => mail.settled)) return;
    await pause(spread(asked < SOON_TIMES ? SOON_MS : LATER_MS));
  }
}

async function read(address: string): Promise<Mail[] | null> {
  try {
    const response = await fetch(address, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(5_000) });
    return response.ok ? ((await response.json()) as { mails: Mail[] }).mails : null;
  } catch {
    return null;
  }
}

function showMail(card: HTMLElement, mail: Mail): void {
  const row = card.querySelector(`[data-mail="${CSS.escape(mail.recipient)}"]`);
  if (!row) return;
  setText(find("[data-time]", row), mail.time);
  const say = find("[data-say]", row);
  if (say.textContent === mail.say) return;
  setText(say, mail.say);
  row.classList.toggle("balie-step--wait", mail.mark === "wait");
  find(".balie-step__mark", row).replaceChildren(icon(mail.icon));
  setText(find("[data-said]", card), texts.mail.said(mail.recipient, mail.say));
}
