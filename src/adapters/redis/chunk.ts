/** Splits the flat reply of a script into groups of the given size. */
export function chunk<T>(values: readonly T[], size: number): T[][] {
  return Array.from({ length: values.length / size }, (_, index) => values.slice(index * size, (index + 1) * size));
}
