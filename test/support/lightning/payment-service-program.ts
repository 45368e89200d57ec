import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { PaymentService, TipRecord_State } from "../../../gen/satoshigle/internal/v1/payment_pb.js";
import type { LedgerEntry } from "./payment-service.js";

// What a payment service has to do so that each settled tip counts exactly once: keep the cursor with what it did for the
// tip, in one write, and go on after the last that is kept.
const [url = "", file = ""] = process.argv.slice(2);
const client = createClient(PaymentService, createGrpcTransport({ baseUrl: url }));

/** The last cursor; what a crash left half written is dropped. */
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
