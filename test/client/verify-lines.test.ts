import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Chain, emptyChain, extend } from "../../src/client/moderation/chat-chain.js";
import { MatchRecord } from "../../src/client/moderation/match-record.js";
import type { EvidenceLine } from "../../src/client/moderation/types.js";
import { isAbout, verifyLines } from "../../src/client/moderation/verify-lines.js";

const MATCH = "match-1";

interface Said {
  from: "me" | "partner";
  text: string;
}

const said = fc.array(fc.record({ from: fc.constantFrom("me", "partner"), text: fc.string({ minLength: 1 }) }), {
  minLength: 1,
  maxLength: 60,
});

/** What a reporter's client keeps of a chat. */
async function keep(lines: readonly Said[]): Promise<readonly EvidenceLine[]> {
  const record = new MatchRecord(MATCH);
  const counts = { me: 0, partner: 0 };
  for (const { from, text } of lines) void record.addLine({ from, text, id: ++counts[from], atMs: 1 });
  return record.lines();
}

/** What the client of a side commits to after so many of its lines. */
async function commit(lines: readonly Said[], from: Said["from"], count: number): Promise<Chain> {
  let chain = await emptyChain(MATCH);
  for (const { text } of lines.filter((line) => line.from === from).slice(0, count)) chain = await extend(chain, text);
  return chain;
}

const countOf = (lines: readonly Said[], from: Said["from"]) => lines.filter((line) => line.from === from).length;

describe("the lines of evidence", () => {
  it("are proved up to the partner's last commitment, and committed up to the reporter's", () =>
    fc.assert(
      fc.asyncProperty(said, fc.nat(30), fc.nat(30), async (lines, partnerCount, ownCount) => {
        const kept = await keep(lines);
        const reported = await commit(lines, "partner", partnerCount);
        const reporter = await commit(lines, "me", ownCount);
        const standings = await verifyLines({ lines: kept }, { reported, reporter });
        const isKept = (from: Said["from"], count: number) =>
          kept.some((one) => one.from === from && one.number === count);
        kept.forEach(({ from, number }, index) => {
          const chain = from === "me" ? reporter : reported;
          const covers = number <= chain.count && isKept(from, chain.count);
          expect(standings[index]).toBe(covers ? (from === "me" ? "committed" : "proved") : "claimed");
        });
      }),
      { numRuns: 60 },
    ));

  it("are not proved where the reporter lies, nor before that", () =>
    fc.assert(
      fc.asyncProperty(said, fc.nat(), fc.string({ minLength: 1 }), async (lines, at, lie) => {
        const kept = await keep(lines);
        const partnerLines = kept.filter(({ from }) => from === "partner");
        const forged = partnerLines[at % Math.max(1, partnerLines.length)];
        fc.pre(forged !== undefined && forged.text !== lie);
        const told = kept.map((line) => (line === forged ? { ...line, text: lie } : line));
        const reported = await commit(lines, "partner", countOf(lines, "partner"));
        const standings = await verifyLines({ lines: told }, { reported });
        told.forEach(({ from, number }, index) => {
          const isProved = from === "partner" && number > forged.number;
          expect(standings[index]).toBe(isProved ? "proved" : "claimed");
        });
      }),
      { numRuns: 60 },
    ));

  it("are never proved by what anybody invents", () =>
    fc.assert(
      fc.asyncProperty(said, fc.array(fc.base64String({ minLength: 44, maxLength: 44 })), async (lines, heads) => {
        const kept = await keep(lines);
        const told = kept.map((line, index) => ({ ...line, text: `${line.text}!`, previous: heads[index] ?? "%" }));
        const reported = await commit(lines, "partner", countOf(lines, "partner"));
        expect(new Set(await verifyLines({ lines: told }, { reported }))).toEqual(new Set(["claimed"]));
      }),
      { numRuns: 60 },
    ));

  it("are not covered after a line that did not arrive", async () => {
    const record = new MatchRecord(MATCH);
    for (const id of [1, 2, 4, 5]) void record.addLine({ from: "partner", text: "x", id, atMs: 1 });
    expect((await record.lines()).map(({ number }) => number)).toEqual([1, 2, 0, 0]);
  });

  it("are about one report", () => {
    const document = { matchId: MATCH, reporterId: "ann" };
    expect(isAbout(document, document)).toBe(true);
    expect(isAbout(document, { matchId: MATCH, reporterId: "bob" })).toBe(false);
    expect(isAbout(document, { matchId: "match-2", reporterId: "ann" })).toBe(false);
  });
});
