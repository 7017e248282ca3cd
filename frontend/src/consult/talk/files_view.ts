/** Files in a conversation: pictures as such, drawn from what was decrypted here, and documents to keep. */

import type { Attachment } from "../../crypto/attachments.ts";
import type { Bytes } from "../../crypto/encoding.ts";
import { Rejected } from "../../crypto/reasons.ts";
import { create, find, icon, setText } from "../../lib/dom.ts";
import { formatSize } from "../../lib/format.ts";
import { texts } from "../texts.ts";
import { sayOf } from "../world.ts";
import { nameOf } from "./files.ts";

const words = texts.talk;
/** In pixels, at the longest side. */
const PREVIEW = 480;
const AT_ONCE = 2;

export interface FileActs {
  open: (group: string, attachment: Attachment) => Promise<Bytes>;
  /** Does something that makes the conversation longer. */
  grow: (act: () => void) => void;
  /** Somebody took it out of the conversation. */
  kept: (group: string, attachment: Attachment) => void;
}

export class FilesView {
  readonly #acts: FileActs;
  /** A file looks the same whatever becomes of its message. */
  readonly #made = new Map<string, HTMLElement>();
  readonly #dialog = find<HTMLDialogElement>("[data-photo]");
  readonly #waiting: (() => Promise<void>)[] = [];
  #busy = 0;
  readonly #seen = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) if (isIntersecting) this.#begin(target);
  });
  readonly #begins = new WeakMap<Element, () => Promise<void>>();
  #shown: { group: string; attachment: Attachment } | null = null;

  constructor(acts: FileActs) {
    this.#acts = acts;
    find("[data-photo-close]").onclick = () => this.#dialog.close();
    find("[data-photo-keep]").onclick = () => {
      if (this.#shown) void this.#keep(this.#shown.group, this.#shown.attachment, find("[data-photo-fault]"));
    };
  }

  show(group: string, attachment: Attachment): HTMLElement {
    const known = this.#made.get(attachment.hash);
    if (known) return known;
    const made = attachment.type === "application/pdf" ? this.#document(group, attachment) : this.#photo(group, attachment);
    this.#made.set(attachment.hash, made);
    return made;
  }

  #document(group: string, attachment: Attachment): HTMLElement {
    const fault = create("p", { class: "utrecht-form-field-error-message", role: "alert" });
    const button = create("button", { type: "button", class: "balie-file" }, icon("paperclip"), labelOf(attachment), icon("download"));
    button.append(create("span", { class: "sr" }, words.keepFile));
    button.onclick = () => void this.#keep(group, attachment, fault);
    return create("div", {}, button, fault);
  }

  #photo(group: string, attachment: Attachment): HTMLElement {
    const fault = create("p", { class: "small soft" }, words.opening);
    const canvas = create("canvas", { hidden: "", "aria-hidden": "true" });
    const button = create("button", { type: "button", class: "balie-photo" }, canvas, create("span", { class: "balie-file" }, icon("image"), labelOf(attachment)));
    button.append(create("span", { class: "sr" }, words.viewPhoto));
    const draw = async (): Promise<void> => {
      try {
        await drawOn(canvas, await this.#acts.open(group, attachment), attachment, PREVIEW);
        this.#acts.grow(() => {
          canvas.hidden = false;
          fault.remove();
        });
        button.onclick = () => void this.#enlarge(group, attachment);
      } catch (error) {
        setText(fault, sayFault(error));
        button.onclick = () => this.#queue(draw);
      }
    };
    this.#begins.set(button, draw);
    this.#seen.observe(button);
    return create("div", {}, button, fault);
  }

  #begin(target: Element): void {
    this.#seen.unobserve(target);
    const begin = this.#begins.get(target);
    if (begin) this.#queue(begin);
  }

  /** A few at a time: the newest that one looks at comes first. */
  #queue(act: () => Promise<void>): void {
    this.#waiting.push(act);
    void this.#work();
  }

  async #work(): Promise<void> {
    if (this.#busy >= AT_ONCE) return;
    this.#busy += 1;
    for (let act = this.#waiting.pop(); act; act = this.#waiting.pop()) await act();
    this.#busy -= 1;
  }

  async #enlarge(group: string, attachment: Attachment): Promise<void> {
    this.#shown = { group, attachment };
    const fault = find("[data-photo-fault]");
    setText(fault, "");
    setText(find("[data-photo-name]"), attachment.name);
    const canvas = find<HTMLCanvasElement>("[data-photo-canvas]");
    canvas.width = canvas.height = 0;
    canvas.setAttribute("aria-label", words.photo(attachment.name));
    this.#dialog.showModal();
    try {
      await drawOn(canvas, await this.#acts.open(group, attachment), attachment, Infinity);
    } catch (error) {
      setText(fault, sayFault(error));
    }
  }

  /** As a file of its own on this computer; from there on nobody guards it. */
  async #keep(group: string, attachment: Attachment, fault: HTMLElement): Promise<void> {
    try {
      const data = await this.#acts.open(group, attachment);
      const address = URL.createObjectURL(new Blob([data], { type: attachment.type }));
      create("a", { href: address, download: nameOf(attachment.name, attachment.type) }).click();
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
      setText(fault, "");
      this.#acts.kept(group, attachment);
    } catch (error) {
      setText(fault, sayFault(error));
    }
  }
}

const labelOf = ({ name, size }: Attachment): HTMLElement =>
  create("span", { class: "balie-file__name" }, `${name} `, create("span", { class: "soft small" }, formatSize(size)));

/** Pictures are drawn, never loaded from an address: the page needs no right to show anything else. */
async function drawOn(canvas: HTMLCanvasElement, data: Bytes, { type }: Attachment, most: number): Promise<void> {
  const picture = await createImageBitmap(new Blob([data], { type }));
  const scale = Math.min(1, most / Math.max(picture.width, picture.height));
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d")!.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
}

function sayFault(error: unknown): string {
  if (error instanceof Rejected) return words.wrongFile;
  if (error instanceof DOMException) return words.darkPhoto;
  return sayOf(error);
}
