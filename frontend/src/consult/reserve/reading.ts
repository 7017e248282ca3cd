/** Sheets as people type or scan them: which sheet it is, whether it is whole, and of which reserve. */

import { decodeQR } from "qr/decode.js";
import { checkPart, misread, numberOn, type Part, readPart, type Reserve } from "../../crypto/reserve.ts";
import { Rejected } from "../../crypto/reasons.ts";
import type { Stands } from "./teams.ts";
import { words } from "./texts.ts";

/** A camera makes more of it than a reader needs. */
const SIDE_MOST = 1600;

/** What a sheet turned out to be; or what is wrong with it, in words that say which sheet. */
export type Read = { fault: string } | { part: Part; stands: Stands; reserve: Reserve };

/** `stands`: the teams of which it may be. */
export async function readSheet(text: string, stands: Stands[]): Promise<Read> {
  let part: Part;
  try {
    part = await readPart(text);
  } catch (error) {
    if (error instanceof Rejected) return { fault: await whereWrong(text) };
    throw error;
  }
  const found = stands.find(({ reserve }) => reserve?.set === part.set);
  if (!found?.reserve) return { fault: wrongSet(part, stands) };
  try {
    await checkPart(found.reserve, part);
  } catch (error) {
    if (error instanceof Rejected) return { fault: words.notAsGiven(part.number) };
    throw error;
  }
  return { part, stands: found, reserve: found.reserve };
}

async function whereWrong(text: string): Promise<string> {
  const { letters, lines, needed } = await misread(text);
  const sheet = await numberOn(text);
  if (letters === 0) return words.nothing;
  if (letters !== needed) return words.length(sheet, letters, needed);
  return lines.length > 0 ? words.lines(sheet, lines) : words.noSheet;
}

/** An older one of a team of ours, or one of somebody else. */
function wrongSet({ number, set }: Part, stands: Stands[]): string {
  const older = stands.find(({ team }) => team.reserves().some(({ form }) => form.set === set));
  return older ? words.older(number, older.team.name ?? words.nameless) : words.elsewhere(number);
}

/** The text in a photo of a sheet; null where there is no code that can be read. */
export async function scan(photo: Blob): Promise<string | null> {
  let picture: ImageBitmap;
  try {
    picture = await createImageBitmap(photo);
  } catch {
    return null; // not a picture
  }
  const scale = Math.min(1, SIDE_MOST / Math.max(picture.width, picture.height));
  const [width, height] = [Math.round(picture.width * scale), Math.round(picture.height * scale)];
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d")!;
  context.drawImage(picture, 0, 0, width, height);
  picture.close();
  const { data } = context.getImageData(0, 0, width, height);
  return decoded({ width, height, data });
}

function decoded(image: { width: number; height: number; data: Uint8ClampedArray }): string | null {
  try {
    return decodeQR(image, { timeLimit: 3000 }) ?? null;
  } catch {
    return null;
  }
}
