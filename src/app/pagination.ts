/** A page of a list, and the number that the next page is before; undefined for the last page. */
export interface Page<T> {
  items: T[];
  before: number | undefined;
}

/** The start of a list that is sorted by newest first. */
export const NEWEST = Number.MAX_SAFE_INTEGER;

export function pageOf<T extends { number: number }>(items: T[], size: number): Page<T> {
  return { items, before: items.length < size ? undefined : items.at(-1)?.number };
}
