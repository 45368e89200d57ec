import { afterAll, beforeAll, expect, it } from "vitest";
import { parseInvoice } from "../../src/core/invoice.js";
import { type ElectrumPair, startElectrumPair } from "../support/lightning/electrum-pair.js";
import { invoiceCases } from "./support/invoice-cases.js";
import { electrums, ldks, ours, type Verdict } from "./support/verdicts.js";

// Which invoices (BOLT 11) we take for a tip, and which Electrum and LDK pay.

let wallets: ElectrumPair;
beforeAll(async () => {
  wallets = await startElectrumPair();
});
afterAll(() => wallets.close());

/** Why Electrum or LDK decides otherwise than we do. */
const DIFFERENCES: Record<string, Partial<Record<"electrum" | "ldk", string>>> = {
  "no features": { ldk: "wants the secret announced as a feature; others pay it, so the tip can be paid" },
  "no secret": { electrum: "4.3.4 is from when secrets were optional; payees refuse such payments today" },
  "a secret of a wrong length": { electrum: "as without a secret" },
  "neither description nor hash of one": { electrum: "shows an empty description" },
  "a description and a hash of one": { electrum: "shows the description, and leaves the hash to others" },
  "5,000 blocks for the last hop": { ldk: "reads it; its router then finds no way within its 1,008 blocks" },
};

interface Row {
  name: string;
  ours: Verdict;
  electrum: Verdict;
  ldk: Verdict;
}

async function verdicts(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { name, text } of invoiceCases()) {
    rows.push({ name, ours: ours(text), electrum: await electrums(wallets.electrum, text), ldk: ldks(text) });
  }
  return rows;
}

function print(rows: readonly Row[]): void {
  const word = ({ takes, why }: Verdict) => (takes ? "takes" : `refuses: ${why}`).slice(0, 60);
  const lines = [
    ["case", "ours", "electrum", "ldk"],
    ...rows.map((row) => [row.name, word(row.ours), word(row.electrum), word(row.ldk)]),
  ];
  process.stdout.write(`${lines.map((cells) => cells.join(" | ")).join("\n")}\n`);
}

it("we decide as Electrum and LDK do, except where it is explained", async () => {
  const rows = await verdicts();
  print(rows);
  const found = rows.flatMap(({ name, ours: { takes }, electrum, ldk }) =>
    Object.entries({ electrum, ldk }).flatMap(([who, verdict]) => (verdict.takes === takes ? [] : `${name}: ${who}`)),
  );
  // An explanation that is no longer needed fails, too.
  const explained = Object.entries(DIFFERENCES).flatMap(([name, by]) =>
    Object.keys(by).map((who) => `${name}: ${who}`),
  );
  expect(found.toSorted()).toEqual(explained.toSorted());
});

it("we take what may be paid, and refuse everything else", () => {
  for (const { name, text, isPayable } of invoiceCases()) expect([name, ours(text).takes]).toEqual([name, isPayable]);
});

it("we read Electrum's own invoices, and LDK's", async () => {
  const memos = ["", "a tip", "für dich ✓", "x".repeat(600)];
  for (const memo of memos) {
    for (const satoshis of [1, 21, 1_000_000]) {
      const made = [
        await wallets.electrum.makeInvoice(satoshis, memo, 600),
        wallets.node.makeInvoice(satoshis * 1000, memo),
      ];
      for (const text of made) {
        const read = parseInvoice(text, { network: "regtest", amountMsat: satoshis * 1000 }, Date.now());
        const { rhash } = await wallets.electrum.call<{ rhash: string }>("decode_invoice", { invoice: text });
        expect(read.paymentHash).toBe(rhash);
      }
    }
  }
});
