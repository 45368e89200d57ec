import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { PaymentService, TipRecord_State } from "../../../gen/satoshigle/internal/v1/payment_pb.js";
import type { LedgerEntry } from "./payment-service.js";

// How a payment service counts each settled tip exactly once: it stores the cursor with the effect of the tip in one
// write, and continues after the last stored cursor.
const [url = "", file = ""] = process.argv.slice(2);
const client = createClient(PaymentService, createGrpcTransport({ baseUrl: url }));

/** The last cursor. A line that a crash left incomplete is dropped. */
function recover(): string {
  if (!existsSync(file)) return "";
  const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
  writeFileSync(file, lines.map((line) => `${line}\n`).join(""));
  const last = lines.at(-1);
  return last === undefined ? "" : (JSON.parse(last) as LedgerEntry).cursor;
}

const watching = client.watchTips({ cursor: recover(), state: TipRecord_State.SETTLED });
for await (const { cursor, tip } of watching) {
  if (tip === undefined) throw new Error("a change without its tip");
  const entry: LedgerEntry = { cursor, tipId: tip.tipId, amountMsat: Number(tip.amountMsat) };
  appendFileSync(file, `${JSON.stringify(entry)}\n`);
}
