/** The control room: listens to the night and paints it once a second. */

import { find, pageData, reveal, setText, show } from "../lib/dom.ts";
import { formatAge, formatSeconds } from "../lib/format.ts";
import { setTitle } from "../lib/notify.ts";
import { paintPlots } from "../ordering/night/cards.ts";
import { Controls } from "../ordering/night/controls.ts";
import { listen, type NightNow } from "../ordering/night/events.ts";
import { paintFigures } from "../ordering/night/figures.ts";
import { renew, watchLog } from "../ordering/night/log.ts";
import { Samples } from "../ordering/night/samples.ts";
import { texts } from "../ordering/night/texts.ts";
import { headline, verdictOf, type VerdictKind } from "../ordering/night/verdict.ts";

const OLD_MS = 5_000;

const page = pageData<{ campaign: number; pace: number; urls: { log: string; fairness: string } }>();
const samples = new Samples();
const controls = new Controls(page.pace);
let latest: NightNow | null = null;
let heardAt = 0;
let said: VerdictKind | null = null;

function paint(): void {
  if (!latest) return;
  const words = headline(latest);
  setText(find("[data-headline]"), words);
  setTitle(words);
  if (latest.closed || verdictOf(latest) === "done") show(find("[data-over]"), true);
  paintFigures(latest);
  paintPlots(latest, samples.all());
  const verdict = verdictOf(latest);
  // What changes every second is not spoken; that the night took a turn is.
  if (said !== null && said !== verdict) setText(find("[data-said]"), texts.said[verdict]);
  said = verdict;
}

function paintAge(): void {
  if (!latest) return;
  const passed = performance.now() - heardAt;
  const age = find("[data-age]");
  const words = texts.age(formatSeconds(latest.wall), formatAge(passed));
  setText(find("span:last-child", age), passed > OLD_MS ? `${texts.lost} · ${words}` : words);
  age.classList.toggle("balie-age--old", passed > OLD_MS);
  show(age, true);
}

listen(page.campaign, {
  history: (minutes) => samples.setHistory(minutes),
  now: (now) => {
    latest = now;
    heardAt = performance.now();
    samples.add(now);
    controls.take(now);
    paint();
    paintAge();
    reveal();
  },
});
setInterval(paintAge, 500);
addEventListener("resize", paint);
void watchLog(find("[data-log]"), page.urls.log, () => void renew(find("[data-fairness]"), page.urls.fairness));
