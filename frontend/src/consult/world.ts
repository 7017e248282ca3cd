/** From the page to a `World`: who this is, the key servers, and how to get a token for each. */

import { unb64 } from "../crypto/encoding.ts";
import { find, pageData, setText, show } from "../lib/dom.ts";
import type { Failure } from "../lib/live.ts";
import { api, type ConsultationKind } from "./api.ts";
import { KeyLog } from "./keyring/key_log.ts";
import { DeviceStore } from "./keyring/own_device.ts";
import type { World } from "./session.ts";
import { texts } from "./texts.ts";
import { must, Unanswered } from "./unanswered.ts";

/** Which questions a consultatie asks (`balie/consult/consultations/forms/`); `most` is in characters. */
export interface QuestionForm {
  form: string;
  version: number;
  kinds: ConsultationKind[];
  name: string;
  fields: { label: string; rows: number; most: number; required: boolean }[];
}

/** As `views/pages.py` writes it. */
export interface PageData {
  name: string;
  email: string;
  /** Somebody who is here as a patient, and begins no conversations. */
  patient: boolean;
  servers: { server: string; kem: string; sign: string; ml_dsa: string | null; routes: string[] }[];
  /** What checkpoints of the key log call it. */
  key_log: string;
  approvals: string;
  admissions: string;
  reserve: string;
  bsns: string;
  /** On the page of keys: colleagues who named this person as somebody who may admit them again. */
  named_by?: string[];
  conversations: string;
  /** On the page of conversations: forms of structured questions, in the reader's language. */
  forms?: QuestionForm[];
  own_keys: string;
  /** Where one's practice calls with video (`{kamer}`: in which room); empty, or absent for patients: nowhere. */
  video_link?: string;
}

export const page = pageData<PageData>();

/** Tokens are asked for again well before they end. */
const LEFT_MS = 60_000;

/** Gives a key server its own token; all come with one question. */
function tokenGiver(): (server: string) => Promise<string> {
  let asked: Promise<Record<string, string>> | null = null;
  const ask = async (): Promise<Record<string, string>> => {
    const { tokens, good_s } = await must(api.tokens());
    setTimeout(() => (asked = null), good_s * 1000 - LEFT_MS);
    return tokens;
  };
  return async (server) => {
    asked ??= ask();
    const tokens = await asked.catch((error: unknown) => {
      asked = null;
      throw error;
    });
    const found = tokens[server];
    if (found === undefined) throw new TypeError(server);
    return found;
  };
}

export const csrf = (): string => find<HTMLInputElement>("[name=csrfmiddlewaretoken]").value;

/** Rejects where the browser keeps nothing. */
export async function openWorld(): Promise<World> {
  const servers = page.servers.map(({ server, kem, sign, routes }) => ({
    server,
    kem: unb64(kem),
    sign: unb64(sign),
    routes,
  }));
  const { name, email } = page;
  return { name, email, servers, token: tokenGiver(), store: await DeviceStore.open(), log: openLog() };
}

/** Null unless all key servers cosign it. */
function openLog(): KeyLog | null {
  const cosigners = page.servers.flatMap(({ server, sign, ml_dsa: mlDsa }) =>
    mlDsa === null ? [] : [{ server, sign: unb64(sign), mlDsa: unb64(mlDsa) }],
  );
  const all = cosigners.length > 0 && cosigners.length === page.servers.length;
  return all ? new KeyLog(page.key_log, cosigners) : null;
}

/** Where it was our fault, or refused for no reason that the reader knows, with the number that the helpline asks for. */
function withNumber({ status, title, request }: Failure): string {
  const words = title || texts.fault;
  const unforeseen = request !== undefined && (status >= 500 || [400, 403, 413, 429].includes(status));
  return unforeseen ? `${words} ${texts.number(request)}` : words;
}

/** What somebody reads when it did not work; in words of the server where it gave some. */
export function sayOf(error: unknown): string {
  if (error instanceof Unanswered) {
    if (error.failure.code === "no_pass") return texts.signedOut;
    if (error.failure.code === "no_connection") return texts.noConnection;
    return withNumber(error.failure);
  }
  if (error instanceof DOMException && ["NotAllowedError", "AbortError"].includes(error.name)) return texts.unlock.stopped;
  return texts.fault;
}

/** Says it in an alert of the page, `[data-say]` in it; null hides it. */
export function sayIn(alert: HTMLElement, words: string | null): void {
  setText(find("[data-say]", alert), words ?? "");
  show(alert, words !== null);
}
