/** The data of an invoice's fields, by type. */
export type InvoiceFields = ReadonlyMap<number, readonly number[]>;

/** Field types, as the value of their letter, of which an invoice has one each. */
export const fieldTypes = { hash: 1, features: 5, expiry: 6, text: 13, secret: 16, node: 19, textHash: 23, delta: 24 };
/** The lengths of fixed fields, in words. Fields of other lengths are skipped. */
export const fixedLengths: Record<number, number> = {
  [fieldTypes.hash]: 52,
  [fieldTypes.secret]: 52,
  [fieldTypes.textHash]: 52,
  [fieldTypes.node]: 53,
};

/** As even bits: the features that BOLT 9 allows in invoices, and those that it assumes of every node. */
const KNOWN_FEATURES = new Set([0, 8, 12, 14, 16, 24, 36, 44, 48]);
/** For how many blocks the last hop may hold a payment: about two weeks. */
const MAX_DELTA_BLOCKS = 2_016;

/** Returns why BOLT 11 forbids to pay an invoice with these fields, or undefined if it may be paid. */
export function unpayable(fields: InvoiceFields): string | undefined {
  const { hash, secret, text, textHash, features, delta } = fieldTypes;
  if (!fields.has(hash)) return "The invoice has no payment hash.";
  if (!fields.has(secret)) return "The invoice has no payment secret, so no wallet may pay it.";
  if (fields.has(text) === fields.has(textHash)) return "The invoice must have one description.";
  const required = evenBits(fields.get(features) ?? []);
  if (required.some((bit) => !KNOWN_FEATURES.has(bit)))
    return "The invoice requires features that wallets do not know.";
  const blocks = toNumber(fields.get(delta) ?? []);
  return blocks > MAX_DELTA_BLOCKS ? "The invoice would lock up the amount for weeks." : undefined;
}

export function toNumber(words: readonly number[]): number {
  return words.reduce((number, word) => number * 32 + word, 0);
}

/** The numbers of the set even bits of a big-endian number. */
function evenBits(words: readonly number[]): number[] {
  const lowestFirst = [...words].reverse().flatMap((word) => [1, 2, 4, 8, 16].map((bit) => (word & bit) !== 0));
  return lowestFirst.flatMap((isSet, bit) => (isSet && bit % 2 === 0 ? [bit] : []));
}
