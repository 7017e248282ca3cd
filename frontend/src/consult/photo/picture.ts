/** A photo on a canvas of this browser, of which parts can be made unreadable. */

import type { Area } from "./area.ts";

/** Of an area only so many averages stay, in either direction: too few for a face or a letter. */
const CELLS = 5;
/** In pixels: what a telephone takes is more than anybody needs to see. */
const AREA_MOST = 8_000_000;
const QUALITY = 0.9;

export class Picture {
  readonly canvas: HTMLCanvasElement;
  readonly #original: ImageBitmap;
  #blurred: Area[] = [];

  private constructor(original: ImageBitmap, canvas: HTMLCanvasElement) {
    this.#original = original;
    this.canvas = canvas;
    const scale = Math.min(1, Math.sqrt(AREA_MOST / (original.width * original.height)));
    canvas.width = Math.max(1, Math.round(original.width * scale));
    canvas.height = Math.max(1, Math.round(original.height * scale));
    this.#draw();
  }

  /** On this canvas, upright. Throws where the browser cannot read it as a picture. */
  static async on(canvas: HTMLCanvasElement, data: Blob): Promise<Picture> {
    return new Picture(await createImageBitmap(data, { imageOrientation: "from-image" }), canvas);
  }

  get blurred(): number {
    return this.#blurred.length;
  }

  blur(area: Area): void {
    this.#blurred.push(area);
    this.#hide(area);
  }

  undo(): void {
    this.#blurred.pop();
    this.#draw();
  }

  /** The picture as one sees it, and nothing besides. */
  file(name: string, type: string): Promise<File> {
    return new Promise((resolve, reject) => {
      const made = (blob: Blob | null): void => (blob ? resolve(new File([blob], name, { type })) : reject(new TypeError("no picture")));
      this.canvas.toBlob(made, type, QUALITY);
    });
  }

  close(): void {
    this.#original.close();
    this.canvas.width = this.canvas.height = 1;
  }

  #draw(): void {
    this.#pen.drawImage(this.#original, 0, 0, this.canvas.width, this.canvas.height);
    for (const each of this.#blurred) this.#hide(each);
  }

  get #pen(): CanvasRenderingContext2D {
    return this.canvas.getContext("2d")!;
  }

  /** What is there becomes a few averages, drawn large: nothing brings back what stood between them. */
  #hide({ left, top, width, height }: Area): void {
    const { width: wide, height: high } = this.canvas;
    const [x, y] = [Math.floor(left * wide), Math.floor(top * high)];
    const [w, h] = [Math.ceil((left + width) * wide) - x, Math.ceil((top + height) * high) - y];
    const small = averages(this.#pen.getImageData(x, y, w, h));
    this.#pen.imageSmoothingEnabled = true;
    this.#pen.imageSmoothingQuality = "high";
    this.#pen.drawImage(small, x, y, w, h);
  }
}

/** Of every cell its mean colour: a canvas of its own would only look at some of the pixels. */
function averages({ data, width, height }: ImageData): OffscreenCanvas {
  const [columns, rows] = [Math.min(CELLS, width), Math.min(CELLS, height)];
  const sums = new Float64Array(columns * rows * 4);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const cell = (Math.floor((y * rows) / height) * columns + Math.floor((x * columns) / width)) * 4;
      const from = (y * width + x) * 4;
      for (let colour = 0; colour < 3; colour += 1) sums[cell + colour]! += data[from + colour]!;
      sums[cell + 3]! += 1;
    }
  }
  const small = new ImageData(columns, rows);
  small.data.set(sums.map((sum, at) => (at % 4 === 3 ? 255 : sum / sums[at - (at % 4) + 3]!)));
  const canvas = new OffscreenCanvas(columns, rows);
  canvas.getContext("2d")!.putImageData(small, 0, 0);
  return canvas;
}
