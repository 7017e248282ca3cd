/** What becomes of a photo before it leaves, in a browser that can draw. */

import { expect, it } from "vitest";
import { Picture } from "./picture.ts";

/** Stripes of one pixel, black and white: the finest that can be read. */
async function stripes(width = 80, height = 60): Promise<Blob> {
  const canvas = new OffscreenCanvas(width, height);
  const pen = canvas.getContext("2d")!;
  pen.fillStyle = "white";
  pen.fillRect(0, 0, width, height);
  pen.fillStyle = "black";
  for (let x = 0; x < width; x += 2) pen.fillRect(x, 0, 1, height);
  return canvas.convertToBlob({ type: "image/png" });
}

async function greys(file: Blob, x: number, y: number, width: number, height: number): Promise<number[]> {
  const picture = await createImageBitmap(file);
  const pen = new OffscreenCanvas(picture.width, picture.height).getContext("2d")!;
  pen.drawImage(picture, 0, 0);
  return [...pen.getImageData(x, y, width, height).data].filter((_, at) => at % 4 === 0);
}

const on = async (data?: Blob): Promise<Picture> => Picture.on(document.createElement("canvas"), data ?? (await stripes()));
const HALF = { left: 0, top: 0, width: 0.5, height: 1 };

it("makes unreadable what was chosen, and leaves the rest", async () => {
  const picture = await on();
  picture.blur(HALF);
  const file = await picture.file("arm.png", "image/png");
  const hidden = await greys(file, 2, 2, 34, 50);
  expect(Math.max(...hidden) - Math.min(...hidden)).toBeLessThan(20);
  expect(new Set(await greys(file, 44, 0, 30, 60))).toEqual(new Set([0, 255]));
});

it("brings back what was hidden last", async () => {
  const picture = await on();
  picture.blur(HALF);
  picture.blur({ ...HALF, left: 0.5 });
  picture.undo();
  expect(picture.blurred).toBe(1);
  const file = await picture.file("arm.png", "image/png");
  expect(new Set(await greys(file, 44, 0, 30, 60))).toEqual(new Set([0, 255]));
  picture.undo();
  expect(new Set(await greys(await picture.file("arm.png", "image/png"), 0, 0, 80, 60))).toEqual(new Set([0, 255]));
});

it("covers the whole of a photo too, and one of a single pixel", async () => {
  for (const [width, height] of [[80, 60], [1, 1]] as const) {
    const picture = await on(await stripes(width, height));
    picture.blur({ left: 0, top: 0, width: 1, height: 1 });
    const found = await greys(await picture.file("arm.png", "image/png"), 0, 0, width, height);
    expect(Math.max(...found) - Math.min(...found)).toBeLessThan(20);
  }
});

it("says it where there is no picture", async () => {
  await expect(on(new Blob(["geen foto"]))).rejects.toThrow();
});
