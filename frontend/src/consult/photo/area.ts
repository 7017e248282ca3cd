/** The part of a photo that is to become unreadable, in shares of its width and height: pure. */

export interface Area {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** So small it can be made, and so far one press of an arrow goes. */
export const LEAST = 0.04;
const STEP = 0.02;
export const CENTRE: Area = { left: 0.35, top: 0.35, width: 0.3, height: 0.3 };

const between = (least: number, value: number, most: number): number => Math.min(Math.max(value, least), most);

/** Between two corners, whichever came first; within the photo, and never nothing. */
export function spanned(one: { x: number; y: number }, other: { x: number; y: number }): Area {
  const [left, right] = [one.x, other.x].map((each) => between(0, each, 1)).sort((a, b) => a - b) as [number, number];
  const [top, bottom] = [one.y, other.y].map((each) => between(0, each, 1)).sort((a, b) => a - b) as [number, number];
  return kept({ left, top, width: right - left, height: bottom - top });
}

/** By an arrow: the whole, or (`grows`) its right and lower edge. Another key: null. */
export function nudged(area: Area, key: string, grows: boolean): Area | null {
  const [x, y] = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[key] ?? [0, 0];
  if (x === 0 && y === 0) return null;
  if (!grows) return kept({ ...area, left: area.left + x!, top: area.top + y! });
  const width = between(LEAST, area.width + x!, 1 - area.left);
  return { ...area, width, height: between(LEAST, area.height + y!, 1 - area.top) };
}

function kept({ left, top, width, height }: Area): Area {
  const [wide, high] = [between(LEAST, width, 1), between(LEAST, height, 1)];
  return { left: between(0, left, 1 - wide), top: between(0, top, 1 - high), width: wide, height: high };
}
