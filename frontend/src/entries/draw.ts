/** The page that explains the draw: recompute it here, on demand. */

import { find, pageData } from "../lib/dom.ts";
import { keepTime } from "../lib/time.ts";
import { LiveClient } from "../lib/live.ts";
import { DrawCard } from "../waitingroom/draw_card.ts";
import { SealKeeper } from "../waitingroom/seal.ts";

const page = pageData<{ campaign: number; practice: number | null }>();
const client = new LiveClient({ campaign: page.campaign, practice: page.practice ?? 0 });
const button = document.querySelector<HTMLButtonElement>("[data-verify]");

keepTime(client);

async function verify(): Promise<void> {
  const own = page.practice === null ? null : await client.ticket();
  await new DrawCard(client).start(own?.ok ? own.value : null, new SealKeeper(client).seen, {
    spread: 0,
    all: true,
  });
}

button?.addEventListener("click", () => {
  button.hidden = true;
  void verify().then(() => find("[data-draw]").scrollIntoView({ block: "nearest" }));
});
