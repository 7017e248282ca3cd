/** The words of the photo editor. */

import { pickTexts } from "../../lib/texts.ts";

const nl = {
  photo: "De foto, zoals u hem verstuurt",
  place: (left: string, top: string, width: string, height: string) => `Vlak: ${left} van links, ${top} van boven, ${width} breed, ${height} hoog.`,
  hidden: (count: number) => (count === 1 ? "Eén vlak is onleesbaar." : `${count} vlakken zijn onleesbaar.`),
  undone: (count: number) => (count === 0 ? "Alles is weer te zien." : `Het laatste vlak is weer te zien. Nog ${count} onleesbaar.`),
  added: (name: string) => `Toegevoegd: ${name}`,
  remove: "Haal weg",
  most: (most: number) => `U kunt hooguit ${most} foto’s meesturen.`,
  unreadable: (name: string) => `${name} is geen foto die wij kunnen lezen. Kies een foto in JPEG of PNG.`,
  tooLarge: (name: string) => `${name} is te groot. Kies een kleinere foto.`,
};

const en: typeof nl = {
  photo: "The photo as you will send it",
  place: (left, top, width, height) => `Area: ${left} from the left, ${top} from the top, ${width} wide, ${height} high.`,
  hidden: (count) => (count === 1 ? "One area is unreadable." : `${count} areas are unreadable.`),
  undone: (count) => (count === 0 ? "Everything can be seen again." : `The last area can be seen again. ${count} still unreadable.`),
  added: (name) => `Added: ${name}`,
  remove: "Remove",
  most: (most) => `You can send at most ${most} photos.`,
  unreadable: (name) => `${name} is no photo that we can read. Choose a photo in JPEG or PNG.`,
  tooLarge: (name) => `${name} is too large. Choose a smaller photo.`,
};

export const words = pickTexts({ nl, en });
