/** What may go with a message, judged by what it is, in a browser that can draw. */

import { expect, it } from "vitest";
import { openAttachment } from "../../crypto/attachments.ts";
import { type Bytes, utf8 } from "../../crypto/encoding.ts";
import { nameOf, prepare } from "./files.ts";

const PDF = utf8("%PDF-1.7 uitslag");
const GPS = utf8("Exif\0\0 52.3702 N 4.8952 E");

async function photo(type: string): Promise<Bytes> {
  const canvas = new OffscreenCanvas(40, 30);
  canvas.getContext("2d")!.fillRect(5, 5, 20, 10);
  return new Uint8Array(await (await canvas.convertToBlob({ type })).arrayBuffer());
}

/** With a segment as cameras write it, behind the first two bytes. */
async function fromCamera(): Promise<Bytes> {
  const jpeg = await photo("image/jpeg");
  const segment = [0xff, 0xe1, 0, GPS.length + 2, ...GPS];
  return Uint8Array.from([...jpeg.slice(0, 2), ...segment, ...jpeg.slice(2)]);
}

const has = (data: Bytes, part: string): boolean => new TextDecoder("latin1").decode(data).includes(part);
const file = (data: Bytes | string, name = "bestand"): File => new File([data], name, { type: "image/png" });

it("leaves out where a photo was taken, and keeps the photo", async () => {
  const data = await fromCamera();
  expect(has(data, "52.3702")).toBe(true);
  const sealed = await prepare(file(data, "pols.jpg"));
  const opened = await openAttachment(sealed.file, sealed.attachment);
  expect(has(opened, "52.3702") || has(opened, "Exif")).toBe(false);
  const { width, height } = await createImageBitmap(new Blob([opened]));
  expect([sealed.attachment.type, sealed.attachment.name, width, height]).toEqual(["image/jpeg", "pols.jpg", 40, 30]);
});

it("goes by what a file is, not by what it says it is", async () => {
  expect((await prepare(file(PDF, "uitslag.png"))).attachment).toMatchObject({ type: "application/pdf", name: "uitslag.png.pdf" });
  expect((await prepare(file(await photo("image/png"), "ecg.png"))).attachment).toMatchObject({ type: "image/png", name: "ecg.png" });
});

it("leaves a document as it is", async () => {
  const { file: sealed, attachment } = await prepare(file(PDF, "uitslag.pdf"));
  expect(await openAttachment(sealed, attachment)).toEqual(PDF);
});

it.each([
  ["empty", new Uint8Array()],
  ["wrong-type", utf8("MZ, een programma")],
  ["wrong-type", utf8("<svg onload='alert(1)'>")],
  ["unreadable", Uint8Array.of(0xff, 0xd8, 0xff, 1, 2, 3)],
  ["too-large", new Uint8Array(20 * 1024 * 1024 + 1)],
])("refuses what cannot be sent: %s", async (why, data) => {
  await expect(prepare(file(data))).rejects.toMatchObject({ why });
});

it("gives names that show what they end with", () => {
  expect(nameOf("foto\u202egpj.exe", "image/jpeg")).toBe("fotogpj.exe.jpg");
  expect(nameOf("../../a.PDF", "application/pdf")).toBe("....a.PDF");
  expect([...nameOf("é".repeat(300), "image/png")].length).toBeLessThanOrEqual(200);
  expect(nameOf(".png", "image/png")).toBe("bestand.png");
});
