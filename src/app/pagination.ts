/** A part of a list, and the number that the next part is before; undefined when this is the last. */
export interface Page<T> {
  items: T[];
  before: number | undefined;
}

/** Where a list of the newest begins. */
export const NEWEST = Number.MAX_SAFE_INTEGER;

export function pageOf<T extends { number: number }>(items: T[], size: number): Page<T> {
  return { items, before: items.length < size ? undefined : items.at(-1)?.number };
}
