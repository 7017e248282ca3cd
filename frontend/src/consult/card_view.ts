/** The recovery card: ten words and a code to scan, on screen and on paper, and nowhere else. */

import { encode } from "uqr";
import { create, createSvg, find, setText, show } from "../lib/dom.ts";
import { dayOf, formatDate, formatMinutes } from "../lib/format.ts";
import { newCode, wordList } from "./keyring/recovery_code.ts";
import { texts } from "./texts.ts";
import { page } from "./world.ts";

const QUIET = 2;

/** Shows a new code until the person has shown that it is on paper; gives it then, to be kept. */
export async function makeCard(): Promise<string> {
  const card = find("[data-card]");
  const code = newCode(await wordList());
  const words = code.split("-");
  setText(find("[data-card-who]", card), texts.keys.card.who(page.name));
  const now = new Date();
  setText(find("[data-card-made]", card), texts.keys.card.made(`${formatDate(dayOf(now))} ${now.getFullYear()}, ${formatMinutes(now)}`));
  find("[data-card-words]", card).replaceChildren(...words.map((word) => create("li", {}, word)));
  const address = `${location.origin}${page.own_keys}#herstel=${code}`;
  find("[data-card-code]", card).replaceChildren(drawn(address));
  show(card, true);
  find<HTMLElement>("h2", card).focus();
  find("[data-print]", card).onclick = () => print();
  await confirmed(card, words);
  find("[data-card-words]", card).replaceChildren();
  find("[data-card-code]", card).replaceChildren();
  show(card, false);
  return code;
}

/** Until one word, which is drawn, was typed from the paper. */
function confirmed(card: HTMLElement, words: string[]): Promise<void> {
  const [drawnAt] = crypto.getRandomValues(new Uint32Array(1));
  const at = drawnAt! % words.length;
  const field = find<HTMLInputElement>("input", card);
  const fault = find("[data-confirm-fault]", card);
  field.value = "";
  setText(fault, "");
  setText(find("[data-confirm-label]", card), texts.keys.card.confirm(at + 1));
  return new Promise((resolve) => {
    find<HTMLFormElement>("[data-confirm]", card).onsubmit = (event) => {
      event.preventDefault();
      if (field.value.trim().toLowerCase() === words[at]) return resolve();
      setText(fault, texts.keys.card.wrong);
      field.focus();
    };
  });
}

/** A QR code as one path: black on white, whatever the theme. */
function drawn(text: string): SVGSVGElement {
  const { data, size } = encode(text, { ecc: "M", border: QUIET });
  const path = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join("");
  return createSvg(
    "svg",
    { viewBox: `0 0 ${size} ${size}`, class: "balie-qr", "aria-hidden": "true" },
    createSvg("rect", { width: size, height: size, class: "balie-qr__ground" }),
    createSvg("path", { d: path, class: "balie-qr__ink" }),
  );
}
