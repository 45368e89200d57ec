import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { pair } from "../support/pair.js";
import { freePort } from "../support/ports.js";
import { soon } from "../support/soon.js";
import { transportTo } from "../support/test-client.js";
import { startServer, type TestServer } from "../support/server.js";
import { Program } from "./program.js";

const WEBHOOK_SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

let server: TestServer;
let folder: string;
let file: string;
let port: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "satoshigle-example-"));
  file = join(folder, "inbox.jsonl");
  port = String(await freePort());
  const WEBHOOK_URLS = `http://127.0.0.1:${port}/webhooks`;
  server = await startServer({ WEBHOOK_URLS, WEBHOOK_SECRET, WEBHOOK_EVENTS: "match.began, match.ended" });
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

const start = () => Program.startWith({ WEBHOOK_SECRET }, "webhook-receiver/main.ts", port, file);
const lines = async () =>
  (await readFile(file, "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

it("stores each event once, in order, whatever happens to it", async () => {
  const matchIds: string[] = [];
  const meet = async () => {
    const { offerer, matchId } = await pair(transportTo(server.url));
    matchIds.push(matchId);
    await offerer.leave();
  };
  const first = start();
  await first.printed(/^listening/);
  await meet();
  await first.printed(/^match\.ended /);
  await first.kill();

  await meet();
  const second = start();
  await second.printed(/^match\.ended /);
  const all = await soon(async () => {
    const found = await lines();
    expect(found).toHaveLength(4);
    return found;
  });
  expect(all.map(({ type, data }) => [type, (data as { matchId: string }).matchId])).toEqual(
    matchIds.flatMap((matchId) => [
      ["match.began", matchId],
      ["match.ended", matchId],
    ]),
  );
  const forged = await fetch(`http://127.0.0.1:${port}/webhooks`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "webhook-id": "one",
      "webhook-timestamp": "1",
      "webhook-signature": "v1,x",
    },
    body: "{}",
  });
  expect(forged.status).toBe(401);
  await second.kill();
});
