import { expect, it } from "vitest";
import { parts } from "./links.ts";

it.each([
  ["Geen link.", ["Geen link."]],
  ["Open https://beeld.example/k1.", ["Open ", "https://beeld.example/k1", "."]],
  ["(https://a.example/?b=c#d) en https://e.example", ["(", "https://a.example/?b=c#d", ") en ", "https://e.example", ""]],
  ["http://onveilig.example javascript:alert(1) https://", ["http://onveilig.example javascript:alert(1) https://"]],
])("finds https alone in %s", (text, found) => {
  expect(parts(text)).toEqual(found);
});
