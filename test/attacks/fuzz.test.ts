import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import http2 from "node:http2";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { limits } from "../../src/core/limits.js";
import { Dice } from "../rpc/support/dice.js";
import { appSecret } from "../support/app-keys.js";
import { request } from "../support/http.js";
import { pair } from "../support/pair.js";
import { TestClient } from "../support/test-client.js";
import { expected } from "./support/kind.js";
import { expectNobody } from "./support/anonymous.js";
import { MATCHING_FILE } from "./support/drawn-fields.js";
import { drawRequest, type Request, type Subject, subjects } from "./support/spoilt.js";
import { report, Target } from "./support/target.js";

/** The bodies differ in each run. `BODIES` sets their number. */
const BODIES = Number(process.env.BODIES ?? expected({ memory: 15_000, redis: 8_000, haproxy: 4_000 }));
/** The limit of pipelined requests. */
const BATCH = 8;
const LANES = 12;
/** HTTP/2 is more expensive for both sides: its share of the requests, and its requests per connection. */
const H2_SHARE = 0.02;
const H2_BATCH = 30;
/** A stream takes a connection, so it is drawn rarely. It carries the identity, so a share of the bodies is for it alone. */
const SIGNAL_SHARE = 0.03;
/** Set SEED to repeat the bodies of a run. */
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);

/** The timeout of a connection, long enough for a busy machine. */
const PATIENCE_MS = 30_000;

/** How long a stream may be silent before the client leaves it. */
const SILENCE_MS = 2_000;

/** The method that ends the attack if a body is valid, so it is attacked last. */
const isLast = ({ method }: Subject) => method.name === "DrainInstance";
const isSignal = ({ method }: Subject) => method.name === "Signal";

/** Sends requests over a separate connection, and waits until it is closed. Returns how many were answered. */
type Send = (port: number, requests: Request[], isStream: boolean) => Promise<number>;

const sendH1: Send = async (port, requests, isStream) => {
  const socket = net.connect(port, "127.0.0.1").on("error", () => undefined);
  let text = "";
  const timer = isStream // an open stream may be silent
    ? setTimeout(() => socket.destroy(), SILENCE_MS)
    : setTimeout(() => socket.destroy(new Error("no answer")), PATIENCE_MS);
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
    if (isStream && text.includes("\r\n\r\n")) socket.destroy(); // the stream may have opened
  });
  socket.write(Buffer.concat(requests.map((one, index) => inH1(one, index === requests.length - 1))));
  await once(socket, "close").catch((error: unknown) => {
    if (!mayBreak || requests.length > 1) throw error;
  });
  clearTimeout(timer);
  return text.match(/HTTP\/1\.1 \d{3} /g)?.length ?? 0;
};

/** Whether a refused body may end its connection before the answer was read, as behind HAProxy. */
const mayBreak = expected({ memory: false, redis: false, haproxy: true });

function inH1({ path, headers, body }: Request, isLastOne: boolean): Buffer {
  const all = {
    host: "127.0.0.1",
    ...headers,
    "content-length": body.length,
    ...(isLastOne && { connection: "close" }),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${String(value)}\r\n`);
  return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join("")}\r\n`), body]);
}

const sendH2: Send = async (port, requests, isStream) => {
  const session = http2.connect(`http://127.0.0.1:${String(port)}`).on("error", () => undefined);
  let answered = 0;
  const calls = requests.map(async ({ path, headers, body }) => {
    const stream = session.request({ ":method": "POST", ":path": path, ...headers }).on("error", () => undefined);
    stream.once("response", () => {
      answered++;
      if (isStream) stream.close();
    });
    stream.resume().setTimeout(PATIENCE_MS, () => stream.destroy());
    stream.end(body);
    await once(stream, "close");
  });
  await Promise.all(calls);
  session.destroy();
  return answered;
};

/** Requests that may share a connection. One that is too large ends it, and HAProxy does not retry the others. */
function together(requests: Request[]): Request[][] {
  const isLarge = ({ body }: Request) => body.length > limits.messageBytes;
  const rest = requests.filter((one) => !isLarge(one));
  return [...(rest.length > 0 ? [rest] : []), ...requests.filter(isLarge).map((one) => [one])];
}

interface Attack {
  target: Target;
  dice: Dice;
  tokens: string[];
  among: Subject[];
  send: Send;
  bodies: number;
  batch: number;
}

/** Sends bodies over many connections concurrently. Returns how many were sent, and the share that was answered. */
async function attack({ target, dice, tokens, among, send, bodies, batch }: Attack) {
  let [sent, answered] = [0, 0];
  const lane = async () => {
    while (sent < bodies) {
      const subject = dice.pick(among);
      const alike = among.filter((one) => one.internal === subject.internal && !one.isStream);
      const isStream = subject.isStream && (dice.hits(4) || alike.length === 0);
      const size = isStream ? 1 : batch;
      sent += size;
      const requests = Array.from({ length: size }, () =>
        drawRequest(dice, isStream ? subject : dice.pick(alike), tokens),
      );
      let count = 0;
      for (const some of together(requests)) {
        count += await send(subject.internal ? target.internalPort : target.port, some, isStream);
      }
      answered += count; // includes the other concurrent connections
    }
  };
  const startMs = performance.now();
  await Promise.all(Array.from({ length: LANES }, lane));
  return { sent, share: answered / sent, ms: performance.now() - startMs };
}

async function expectNothingLeft(target: Target): Promise<void> {
  await expectNobody(target);
  expect((await target.figures()).troubles).toEqual([]);
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "satoshigle-fuzz-"));
  await writeFile(join(folder, "matching.yaml"), MATCHING_FILE);
});
afterAll(() => rm(folder, { recursive: true }));

describe.concurrent("random and mutated bodies for every method", () => {
  it.for(["true", "false"])(
    "cause no crash and no leak, with FAST_PATH=%s",
    { timeout: 900_000 },
    async (FAST_PATH, { onTestFinished }) => {
      const variables = {
        FAST_PATH,
        MAX_CONNECTIONS_PER_IP: "10000",
        RATE_LIMIT_MAX_REQUESTS: "1000000",
        RATE_LIMIT_WINDOW_MS: "1000",
        MAX_DISCONNECTION_DURATION_MS: "1000",
        CONNECTION_TIMEOUT_MS: "2000",
        MAX_LOOP_DELAY_MS: "10000",
        HEARTBEAT_INTERVAL_MS: "1000",
        DRAIN_TIMEOUT_MS: "0",
        IDENTITY_SECRET: appSecret,
        MATCHING_FILE: join(folder, "matching.yaml"),
      };
      const target = await Target.start(variables, true);
      onTestFinished(() => target.close());
      const dice = new Dice(seed);
      const { offerer, answerer, matchId } = await pair(target.transport());
      const tokens = [offerer.welcome.token, answerer.welcome.token];
      const all = subjects(matchId);
      const common = { target, dice, tokens, among: all.filter((one) => !isLast(one)) };
      const print = (how: string, { sent, share, ms }: Awaited<ReturnType<typeof attack>>) => {
        const figures = { bodies: sent, "share answered": share, "in ms": ms };
        report(`fuzz over ${how} (SEED=${String(seed)}, FAST_PATH=${FAST_PATH})`, figures);
        expect(share).toBeGreaterThan(0.95);
      };
      print("HTTP/1.1", await attack({ ...common, send: sendH1, bodies: BODIES, batch: BATCH }));
      const streams = { ...common, among: all.filter(isSignal), bodies: BODIES * SIGNAL_SHARE };
      print("HTTP/1.1 to Signal", await attack({ ...streams, send: sendH1, batch: BATCH }));
      print("HTTP/2", await attack({ ...common, send: sendH2, bodies: BODIES * H2_SHARE, batch: H2_BATCH }));

      await Promise.all([offerer.break(), answerer.break()]);
      const someone = await TestClient.open(target.transport());
      await someone.leave();
      await someone.break();
      await expectNothingLeft(target);

      const last = { ...common, among: all.filter(isLast) };
      print("HTTP/1.1 to DrainInstance", await attack({ ...last, send: sendH1, bodies: BODIES / 100, batch: BATCH }));
      print("HTTP/2 to DrainInstance", await attack({ ...last, send: sendH2, bodies: BODIES / 100, batch: H2_BATCH }));
      await expectNothingLeft(target);
      expect((await request(`${target.url}/readyz`)).status, "a valid body was among them").toBe(503);
      expect((await request(`${target.url}/healthz`)).status).toBe(200);
    },
  );
});
