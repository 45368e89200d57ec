import { appendFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { invoiced } from "../rpc/support/tips.js";
import { roomy } from "../support/pair.js";
import { startServer, type TestServer } from "../support/server.js";
import { Program } from "./program.js";

let server: TestServer;
let folder: string;
let file: string;
beforeAll(async () => {
  server = await startServer({ ...roomy, LIGHTNING_NETWORK: "regtest" });
  folder = await mkdtemp(join(tmpdir(), "satoshigle-example-"));
  file = join(folder, "ledger.jsonl");
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

async function settle(): Promise<string> {
  const { payer, tipId, preimage } = await invoiced(server);
  await payer.tips.confirm({ tipId, preimage });
  return tipId;
}

it("records each settled tip once, whatever happens to the service", async () => {
  const tipIds = [await settle()];
  const first = Program.start("payment-service/main.ts", server.internalUrl, file);
  await first.printed(/^booked /);
  tipIds.push(await settle());
  await first.printed(/^booked /, 2);
  await first.kill();

  tipIds.push(await settle());
  await appendFile(file, '{"cursor":"');
  const second = Program.start("payment-service/main.ts", server.internalUrl, file);
  tipIds.push(await settle());
  await second.printed(/^booked /, 2);
  await second.kill();
  const lines = (await readFile(file, "utf8")).trimEnd().split("\n");
  expect(lines.map((line) => (JSON.parse(line) as { tipId: string }).tipId)).toEqual(tipIds);
});
