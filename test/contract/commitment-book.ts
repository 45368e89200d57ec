import { expect, it } from "vitest";
import { type Commitment, COMMITMENT_KEPT_MS } from "../../src/core/evidence.js";
import type { MatchId, SessionId } from "../../src/core/ids.js";
import type { CommitmentBook } from "../../src/ports/commitment-book.js";

const [MATCH, OTHER] = ["match" as MatchId, "other" as MatchId];
const [ann, bob] = ["ann" as SessionId, "bob" as SessionId];

/** The contract of every book of commitments. */
export function commitmentsContract(create: () => Promise<{ book: CommitmentBook; close: () => Promise<void> }>): void {
  it("keeps the latest commitment of each side of a match for some time", async () => {
    const { book, close } = await create();
    const nowMs = Date.now();
    const of = (count: number, head: string): Commitment => ({ count, head, atMs: nowMs });
    expect(await book.of(MATCH, nowMs)).toEqual(new Map());
    await book.keep(MATCH, ann, of(2, "a"));
    await book.keep(MATCH, ann, of(1, "older"));
    await book.keep(MATCH, ann, of(2, "other"));
    await book.keep(MATCH, bob, of(1, "b"));
    await book.keep(MATCH, bob, of(10, "c"));
    await book.keep(OTHER, bob, of(1, "d"));
    const expected = new Map([
      [ann, of(2, "a")],
      [bob, of(10, "c")],
    ]);
    expect(await book.of(MATCH, nowMs)).toEqual(expected);
    expect(await book.of(MATCH, nowMs + COMMITMENT_KEPT_MS)).toEqual(new Map());
    await close();
  });
}
