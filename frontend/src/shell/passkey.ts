/**
 * Forms that a passkey fills in: on submit the browser is asked for one, and what it answers goes along with the form.
 * Where browsers cannot do that, the page says so.
 */

import { find, pageData, setText, show } from "../lib/dom.ts";
import { texts } from "./texts.ts";

type Ceremony = "get" | "create";

/** As the server writes them: the options of WebAuthn in JSON, in an envelope of that library's. */
interface Written {
  creation_options?: { publicKey: PublicKeyCredentialCreationOptionsJSON };
  request_options?: { publicKey: PublicKeyCredentialRequestOptionsJSON };
}

export function offerPasskeys(): void {
  const able = typeof PublicKeyCredential === "function" && "parseRequestOptionsFromJSON" in PublicKeyCredential;
  for (const missing of document.querySelectorAll<HTMLElement>("[data-passkey-missing]")) show(missing, !able);
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-passkey]")) {
    show(form, able);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void fillIn(form);
    });
  }
}

async function fillIn(form: HTMLFormElement): Promise<void> {
  const fault = find("[data-passkey-fault]", form);
  const button = find<HTMLButtonElement>("button[type=submit]", form);
  show(fault, false);
  button.disabled = true;
  try {
    const credential = await ask(form.dataset["passkey"] as Ceremony, await options(form));
    find<HTMLInputElement>("input[name=credential]", form).value = JSON.stringify(credential);
    form.submit();
  } catch (error) {
    setText(find("span:not(.balie-icon)", fault), sayOf(error));
    show(fault, true);
    button.disabled = false;
    button.focus();
  }
}

/** In the page, or asked for now: a page that many open and few use gets no challenge of its own. */
async function options(form: HTMLFormElement): Promise<Written> {
  const address = form.dataset["options"];
  if (address === undefined) return pageData<Written>("#passkey-options");
  const answer = await fetch(address, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(10_000) });
  if (!answer.ok) throw new TypeError(`${answer.status}`);
  return (await answer.json()) as Written;
}

async function ask(ceremony: Ceremony, written: Written): Promise<unknown> {
  const asked =
    ceremony === "create"
      ? await navigator.credentials.create({
          publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(written.creation_options!.publicKey),
        })
      : await navigator.credentials.get({
          publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(written.request_options!.publicKey),
        });
  if (asked === null) throw new DOMException("no credential", "NotAllowedError");
  return (asked as PublicKeyCredential).toJSON();
}

export function sayOf(error: unknown): string {
  if (!(error instanceof DOMException)) return texts.passkey.noConnection;
  if (error.name === "InvalidStateError") return texts.passkey.there;
  if (error.name === "NotAllowedError" || error.name === "AbortError") return texts.passkey.stopped;
  if (error.name === "TimeoutError") return texts.passkey.noConnection;
  return texts.passkey.failed;
}
