/** What we use of subset-font; the types on the registry lag behind it. */
declare module "subset-font" {
  export default function subsetFont(
    font: Uint8Array,
    characters: string,
    options: { targetFormat: "woff2" | "truetype"; keepFeatures: string[] },
  ): Promise<Uint8Array>;
}
