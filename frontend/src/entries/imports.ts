/** Choosing a file of practices: says at once when it is too large, instead of after sending all of it. */

import { find, pageData, setText, show } from "../lib/dom.ts";
import { texts } from "../practices/texts.ts";

const page = pageData<{ most: number; too_large: string }>();
const form = find<HTMLFormElement>("[data-upload]");
const input = find<HTMLInputElement>("input[type=file]", form);
const error = find("[data-error]", form);

function isTooLarge(): boolean {
  return (input.files?.[0]?.size ?? 0) > page.most;
}

function judge(): void {
  const wrong = isTooLarge();
  find("[data-field]", form).classList.toggle("utrecht-form-field--invalid", wrong);
  if (wrong) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
  setText(find("span:last-child", error), wrong ? page.too_large : "");
  show(error, wrong);
}

input.addEventListener("change", judge);
form.addEventListener("submit", (event) => {
  if (isTooLarge()) {
    event.preventDefault();
    judge();
    input.focus();
    return;
  }
  setText(find("[data-sending]", form), texts.sending);
});
