/** What a script answered in one row, in groups of that size. */
export function chunk(values: readonly string[], size: number): string[][] {
  return Array.from({ length: values.length / size }, (_, index) => values.slice(index * size, (index + 1) * size));
}
