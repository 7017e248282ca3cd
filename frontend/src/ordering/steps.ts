/** Amounts of doses go by whole steps. */

/** The next whole step up or, with a negative step, down; never below zero: from 655, ten more is 660. */
export function nextStep(value: number, step: number): number {
  const size = Math.abs(step);
  const next = step > 0 ? (Math.floor(value / size) + 1) * size : (Math.ceil(value / size) - 1) * size;
  return Math.max(0, next);
}
