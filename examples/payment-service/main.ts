import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { PaymentService, TipRecord_State } from "../../gen/satoshigle/internal/v1/payment_pb.js";
import { Ledger } from "./ledger.js";

const [url = "http://127.0.0.1:3002", file = "ledger.jsonl"] = process.argv.slice(2);
const read = (path: string | undefined) => (path === undefined ? undefined : readFileSync(path));
const { TLS_CA_FILE, TLS_CERT_FILE, TLS_KEY_FILE } = process.env;
const nodeOptions = { ca: read(TLS_CA_FILE), cert: read(TLS_CERT_FILE), key: read(TLS_KEY_FILE) };

const payments = createClient(PaymentService, createGrpcTransport({ baseUrl: url, nodeOptions }));
const ledger = new Ledger(file);

for (;;) {
  try {
    const request = { cursor: ledger.cursor, state: TipRecord_State.SETTLED };
    for await (const { cursor, tip } of payments.watchTips(request)) {
      if (tip === undefined) continue;
      const { tipId, payeeSessionId: payee, amountMsat } = tip;
      ledger.book({ cursor, tipId, payee, amountMsat: String(amountMsat) });
      console.log(`booked ${tipId}: ${String(amountMsat)} msat`);
    }
  } catch (error) {
    const { code, message } = ConnectError.from(error);
    if (code === Code.InvalidArgument) throw error; // the ledger belongs to another server
    console.log(`disconnected: ${message}`);
  }
  await setTimeout(1_000);
}
