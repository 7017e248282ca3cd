/** Somebody makes parts of a photo unreadable before it goes anywhere: with a finger, a mouse or the keyboard. */

import { find, setText } from "../../lib/dom.ts";
import { type Area, CENTRE, nudged, spanned } from "./area.ts";
import { Picture } from "./picture.ts";
import { words } from "./texts.ts";

/** A press that went nowhere is a press, and no area. */
const DRAWN = 0.02;

/** The photo as they leave it; null when they would rather not send it. Throws where it is no picture. */
export async function editPhoto(photo: File): Promise<File | null> {
  const dialog = find<HTMLDialogElement>("[data-photo-editor]");
  const editor = new Editor(dialog, await Picture.on(find<HTMLCanvasElement>("canvas", dialog), photo));
  try {
    return await editor.run(photo);
  } finally {
    editor.close();
  }
}

class Editor {
  readonly #dialog: HTMLDialogElement;
  readonly #picture: Picture;
  readonly #frame: HTMLElement;
  readonly #say: HTMLElement;
  #area: Area = CENTRE;
  #from: { x: number; y: number } | null = null;

  constructor(dialog: HTMLDialogElement, picture: Picture) {
    this.#dialog = dialog;
    this.#picture = picture;
    this.#frame = find("[data-photo-frame]", dialog);
    this.#say = find("[data-photo-say]", dialog);
    picture.canvas.setAttribute("aria-label", words.photo);
    find("[data-photo-stage]", dialog).style.setProperty("--balie-photo-ratio", String(picture.canvas.width / picture.canvas.height));
    this.#listen();
    this.#put(CENTRE);
    this.#tell("");
  }

  /** Until they are ready. */
  run(photo: File): Promise<File | null> {
    this.#dialog.showModal();
    this.#frame.focus();
    return new Promise((resolve, reject) => {
      find("[data-photo-ready]", this.#dialog).onclick = () => this.#picture.file(photo.name, photo.type).then(resolve, reject);
      find("[data-photo-drop]", this.#dialog).onclick = () => resolve(null);
      this.#dialog.oncancel = (event) => {
        event.preventDefault();
        resolve(null);
      };
    });
  }

  close(): void {
    this.#dialog.close();
    this.#picture.close();
  }

  #listen(): void {
    const stage = find("[data-photo-stage]", this.#dialog);
    stage.onpointerdown = (event) => {
      event.preventDefault();
      this.#frame.focus();
      stage.setPointerCapture(event.pointerId);
      this.#from = this.#at(event);
    };
    stage.onpointermove = (event) => {
      if (this.#from) this.#put(spanned(this.#from, this.#at(event)));
    };
    stage.onpointerup = (event) => this.#drawn(this.#at(event));
    stage.onpointercancel = () => (this.#from = null);
    this.#frame.onclick = ({ detail }) => {
      if (detail === 0) this.#blur(); // a screen reader presses it
    };
    this.#frame.onkeydown = (event) => this.#press(event);
    find("[data-photo-blur]", this.#dialog).onclick = () => this.#blur();
    find("[data-photo-undo]", this.#dialog).onclick = () => this.#undo();
  }

  #at({ clientX, clientY }: PointerEvent): { x: number; y: number } {
    const { left, top, width, height } = this.#picture.canvas.getBoundingClientRect();
    return { x: (clientX - left) / width, y: (clientY - top) / height };
  }

  /** What one draws is hidden at once; a mere press puts the frame there. */
  #drawn(to: { x: number; y: number }): void {
    const from = this.#from;
    this.#from = null;
    if (!from) return;
    if (Math.abs(to.x - from.x) > DRAWN || Math.abs(to.y - from.y) > DRAWN) {
      this.#put(spanned(from, to));
      return this.#blur();
    }
    const { width, height } = this.#area;
    this.#put(spanned({ x: to.x - width / 2, y: to.y - height / 2 }, { x: to.x + width / 2, y: to.y + height / 2 }));
  }

  #press(event: KeyboardEvent): void {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      return this.#blur();
    }
    const moved = nudged(this.#area, event.key, event.shiftKey);
    if (!moved) return;
    event.preventDefault();
    this.#put(moved);
    this.#tell(words.place(...([moved.left, moved.top, moved.width, moved.height].map(percent) as [string, string, string, string])));
  }

  #blur(): void {
    this.#picture.blur(this.#area);
    this.#tell(words.hidden(this.#picture.blurred));
  }

  #undo(): void {
    this.#picture.undo();
    this.#tell(words.undone(this.#picture.blurred));
  }

  #tell(said: string): void {
    setText(this.#say, said);
    find<HTMLButtonElement>("[data-photo-undo]", this.#dialog).disabled = this.#picture.blurred === 0;
  }

  #put(area: Area): void {
    this.#area = area;
    const { style } = this.#frame;
    style.left = percent(area.left);
    style.top = percent(area.top);
    style.width = percent(area.width);
    style.height = percent(area.height);
  }
}

const percent = (share: number): string => `${Math.round(share * 100)}%`;
