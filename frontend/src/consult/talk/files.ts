/** Files that go with a message: judged and cleaned before anything leaves, and opened again for who may read them. */

import { type Attachment, type MediaType, mediaTypeOf, openAttachment, sealAttachment, SIZE_MAX } from "../../crypto/attachments.ts";
import type { Bytes } from "../../crypto/encoding.ts";
import { must } from "../unanswered.ts";
import type { LocalStore } from "./local_store.ts";
import { fetchFile } from "./transfer.ts";

export type Refusal = "empty" | "too-large" | "wrong-type" | "unreadable";

/** This file cannot be sent, whatever one tries. */
export class Refused extends Error {
  readonly why: Refusal;

  constructor(why: Refusal) {
    super(why);
    this.name = "Refused";
    this.why = why;
  }
}

const NAME_MOST = 200;
/** What JPEG keeps of a picture that is written again, from 0 to 1. */
const QUALITY = 0.92;
/** In pixels: more than any telephone takes, less than makes a browser give up. */
const AREA_MOST = 64_000_000;
const ENDINGS: Record<MediaType, RegExp> = { "image/jpeg": /\.jpe?g$/i, "image/png": /\.png$/i, "application/pdf": /\.pdf$/i };
const ENDING: Record<MediaType, string> = { "image/jpeg": ".jpg", "image/png": ".png", "application/pdf": ".pdf" };

export interface Sealed {
  file: Bytes;
  attachment: Attachment;
}

/** Ready to be sent: really of a type that we take, without what a camera adds, encrypted. Throws Refused. */
export async function prepare(file: File): Promise<Sealed> {
  if (file.size === 0) throw new Refused("empty");
  if (file.size > SIZE_MAX) throw new Refused("too-large");
  const data = new Uint8Array(await file.arrayBuffer());
  const type = mediaTypeOf(data);
  if (type === null) throw new Refused("wrong-type");
  const clean = type === "application/pdf" ? data : await redraw(data, type);
  if (clean.length > SIZE_MAX) throw new Refused("too-large");
  const [sealed, attachment] = await sealAttachment(clean, type, nameOf(file.name, type));
  return { file: sealed, attachment };
}

/** The picture alone: where it was taken, and with what, stays here. */
async function redraw(data: Bytes, type: MediaType): Promise<Bytes> {
  const picture = await createImageBitmap(new Blob([data], { type })).catch(() => {
    throw new Refused("unreadable");
  });
  const scale = Math.min(1, Math.sqrt(AREA_MOST / (picture.width * picture.height)));
  const canvas = new OffscreenCanvas(Math.round(picture.width * scale), Math.round(picture.height * scale));
  canvas.getContext("2d")!.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const drawn = await canvas.convertToBlob({ type, quality: QUALITY });
  return new Uint8Array(await drawn.arrayBuffer());
}

/** A name that hides nothing (no invisible or turning characters) and ends as its type does. */
export function nameOf(name: string, type: MediaType): string {
  const plain = name.replace(/[\p{C}/\\]/gu, "").trim();
  const ending = ENDINGS[type].exec(plain)?.[0] ?? "";
  const stem = [...plain.slice(0, plain.length - ending.length)].slice(0, NAME_MOST - 5).join("");
  return (stem || "bestand") + (ending || ENDING[type]);
}

/** What is in an attachment of a conversation; what is still to be sent is here already. Throws Unanswered, Rejected. */
export async function openFile(local: LocalStore, group: string, attachment: Attachment): Promise<Bytes> {
  const file = (await local.file(attachment.hash)) ?? (await must(fetchFile(group, attachment.hash)));
  return openAttachment(file, attachment);
}
