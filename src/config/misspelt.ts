/** The number of letters to insert, remove, replace or swap with their neighbour to turn one word into another. */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= a.length; i++) {
    const [row, above, before] = [[i], rows[i - 1] ?? [], rows[i - 2] ?? []];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        (row[j - 1] ?? 0) + 1,
        (above[j] ?? 0) + 1,
        (above[j - 1] ?? 0) + (isSame ? 0 : 1),
        isSwapped ? (before[j - 2] ?? 0) + 1 : Infinity,
      );
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? Infinity;
}

/** Short names are near to many words. */
const SHORT_NAME = 5;
/** TLS_CERT is meant to be TLS_CERT_FILE, while REDIS may be anything. */
const MIN_WORDS = 2;

/** The variable that a name is probably meant to be; undefined when it is one, or looks like none. */
export function nearestName(given: string, names: readonly string[]): string | undefined {
  if (names.includes(given)) return undefined;
  const name = given.toUpperCase().replace(/-/g, "_");
  if (names.includes(name)) return name;
  const [nearest] = names
    .filter((known) => mayBeNear(name, known))
    .map((known) => ({ known, distance: editDistance(name, known) }))
    .filter(({ known, distance }) => distance <= mostEdits(name, known))
    .sort((a, b) => a.distance - b.distance);
  return nearest?.known ?? names.find((known) => isPart(name, known) || isPart(known, name));
}

/** SSL_CERT_FILE is OpenSSL's, and HOME is not meant to be HOST. */
function mostEdits(name: string, known: string): number {
  return Math.min(name.length, known.length) <= SHORT_NAME || !known.startsWith(name.charAt(0)) ? 1 : 2;
}

/**
 * Whether the distance has to be computed, which for every variable of an environment would take a tenth of the start.
 * An edit changes the length by one at most, and explains one letter that the other word lacks.
 */
function mayBeNear(name: string, known: string): boolean {
  const edits = mostEdits(name, known);
  return Math.abs(name.length - known.length) <= edits && lettersOnlyIn(name, known) <= edits;
}

/** The number of letters of one word that do not occur in another. */
function lettersOnlyIn(word: string, other: string): number {
  let count = 0;
  for (const letter of word) if (!other.includes(letter)) count++;
  return count;
}

/** Whether a name is the beginning of a longer one, in whole words. */
function isPart(short: string, long: string): boolean {
  return short.split("_").length >= MIN_WORDS && long.startsWith(`${short}_`);
}
