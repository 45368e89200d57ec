import { generateIdentity, identityToRecipient } from "age-encryption";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, it } from "vitest";
import { meet } from "../rpc/support/networks.js";
import { reportWithEvidence } from "../support/evidence.js";
import { jpegOf } from "../support/jpeg.js";
import { roomy } from "../support/pair.js";
import { RedisServer } from "../support/redis.js";
import { startServer, type TestServer } from "../support/server.js";
import { TestClient, transportTo } from "../support/test-client.js";

const CANARIES = ["kanarienvogel im bergwerk", "stop that at once"] as const;
const COMMENT = "a comment that everybody may read";

let redis: RedisServer;
let admin: Redis;
let server: TestServer;
let recipient: string;
beforeAll(async () => {
  // Without compression: it would hide texts from the search.
  redis = await RedisServer.start("--rdbcompression", "no", "--appendonly", "yes", "--appendfsync", "always");
  admin = new Redis(redis.url);
  recipient = await identityToRecipient(await generateIdentity());
  const variables = {
    EVIDENCE: "chat_and_frames",
    EVIDENCE_RECIPIENTS: recipient,
    REDIS_ENABLED: "true",
    REDIS_URL: redis.url,
  };
  server = await startServer({ ...roomy, ...variables, SESSION_SECRET: "s".repeat(32) });
});
afterAll(async () => {
  await server.close();
  admin.disconnect();
  await redis.close();
});

/** Bytes as they are, and as base64 of a text in which they begin at any place. */
function formsOf(bytes: Buffer): (string | Buffer)[] {
  const within = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    return text.slice(Math.ceil((before * 4) / 3), Math.floor(((before + bytes.length) * 4) / 3));
  });
  return [bytes, ...within];
}

async function filesWithAny(forms: readonly (string | Buffer)[]): Promise<string[]> {
  return (await Promise.all(forms.map((form) => redis.filesWith(form)))).flat();
}

it("the dump of Redis and its append-only file contain evidence as ciphertext only", async () => {
  const transport = transportTo(server.url);
  const [reporter, partner] = [await TestClient.open(transport), await TestClient.open(transport)];
  const { matchId } = await meet(reporter, partner);
  const [first, second] = CANARIES;
  const lines = [
    { from: "partner", text: first },
    { from: "me", text: second },
  ] as const;
  const picture = jpegOf(320, 240);
  const frames = [picture.toString("base64")];
  const attached = { recipient, lines, frames, comment: COMMENT };
  const sealed = await reportWithEvidence({ matchId, reporter, partner }, attached);
  await admin.save();

  const both = [expect.stringMatching(/\.incr\.aof$/), "dump.rdb"];
  expect((await redis.filesWith(COMMENT)).sort()).toEqual(both);
  expect((await filesWithAny(formsOf(Buffer.from(sealed)))).sort()).toEqual(both);
  for (const secret of [...CANARIES, picture.subarray(0, 12)]) {
    expect(await filesWithAny(formsOf(Buffer.from(secret)))).toEqual([]);
  }
});
