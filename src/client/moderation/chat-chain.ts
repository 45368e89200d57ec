const LABEL = "satoshigle chat 1";

/** The chain of hashes over the lines that one side of a match has sent. */
export interface Chain {
  /** How many lines it covers. */
  count: number;
  head: Uint8Array<ArrayBuffer>;
}

/** The chain of a side that has said nothing. */
export async function emptyChain(matchId: string): Promise<Chain> {
  return { count: 0, head: await sha256(LABEL, matchId) };
}

/** Appends a line to the chain. No earlier line can be changed, removed or inserted without changing the head. */
export async function extend({ count, head }: Chain, text: string): Promise<Chain> {
  return { count: count + 1, head: await sha256(head, String(count + 1), text) };
}

/** Hashes parts, each with its length before it, so that no two lists of parts have the same bytes. */
async function sha256(...parts: (string | Uint8Array)[]): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = parts.map((part) => (typeof part === "string" ? new TextEncoder().encode(part) : part));
  const framed = new Uint8Array(bytes.reduce((length, part) => length + 4 + part.length, 0));
  let at = 0;
  for (const part of bytes) {
    new DataView(framed.buffer).setUint32(at, part.length);
    framed.set(part, at + 4);
    at += 4 + part.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", framed));
}
