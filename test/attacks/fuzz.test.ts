import { once } from "node:events";
import http2 from "node:http2";
import net from "node:net";
import { describe, expect, it } from "vitest";
import { limits } from "../../src/core/limits.js";
import { Dice } from "../rpc/support/dice.js";
import { request } from "../support/http.js";
import { pair } from "../support/pair.js";
import { Person } from "../support/person.js";
import { expected } from "./support/kind.js";
import { expectNobody } from "./support/nobody.js";
import { drawRequest, type Request, type Subject, subjects } from "./support/spoilt.js";
import { report, Target } from "./support/target.js";

/** Each run draws others. `BODIES` makes it longer. */
const BODIES = Number(process.env.BODIES ?? expected({ memory: 15_000, redis: 8_000, haproxy: 4_000 }));
/** As many as may wait for their answers. */
const BATCH = 8;
const LANES = 12;
/** Over HTTP/2, which costs both sides more: so many for each over HTTP/1.1, and fewer on a connection. */
const H2_SHARE = 0.02;
const H2_BATCH = 30;
/** Set SEED to repeat a run's bodies. */
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);

/** How long a connection may take; long enough for a machine that has much else to do. */
const PATIENCE_MS = 30_000;

/** How long a stream may be silent before it is left. */
const SILENCE_MS = 2_000;

/** The one method that rightly ends the attack when a body is good: its turn comes last. */
const isLast = ({ method }: Subject) => method.name === "DrainInstance";

/** Sends requests over a connection of its own, and waits until it is closed. Returns how many were answered. */
type Send = (port: number, requests: Request[], isStream: boolean) => Promise<number>;

const sendH1: Send = async (port, requests, isStream) => {
  const socket = net.connect(port, "127.0.0.1").on("error", () => undefined);
  let text = "";
  const timer = isStream // one that is open says nothing before there is something to tell
    ? setTimeout(() => socket.destroy(), SILENCE_MS)
    : setTimeout(() => socket.destroy(new Error("no answer")), PATIENCE_MS);
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
    if (isStream && text.includes("\r\n\r\n")) socket.destroy(); // it may have opened: enough
  });
  socket.write(Buffer.concat(requests.map((one, index) => inH1(one, index === requests.length - 1))));
  await once(socket, "close").catch((error: unknown) => {
    if (!mayBreak || requests.length > 1) throw error;
  });
  clearTimeout(timer);
  return text.match(/HTTP\/1\.1 \d{3} /g)?.length ?? 0;
};

/** Whether a body that the server cuts off may end its connection before the answer was read, as it does behind HAProxy. */
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

/** Requests that may share a connection. One that is too large ends its own, for which HAProxy does not repeat the others. */
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

/** Sends so many bodies, over many connections at a time. Returns how many were sent, and which share was answered. */
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
      answered += count; // the lanes beside this one count, too
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

describe.concurrent("random and mutated bodies on every method", () => {
  it.for(["true", "false"])(
    "crash nothing and leave nothing, with DIRECT_PATH=%s",
    { timeout: 900_000 },
    async (DIRECT_PATH, { onTestFinished }) => {
      const variables = {
        DIRECT_PATH,
        MAX_CONNECTIONS_PER_IP: "10000",
        RATE_LIMIT_MAX_REQUESTS: "1000000",
        RATE_LIMIT_WINDOW_MS: "1000",
        MAX_DISCONNECTION_DURATION_MS: "1000",
        CONNECTION_TIMEOUT_MS: "2000",
        MAX_LOOP_DELAY_MS: "10000",
        HEARTBEAT_INTERVAL_MS: "1000",
        DRAIN_TIMEOUT_MS: "0",
      };
      const target = await Target.start(variables, true);
      onTestFinished(() => target.close());
      const dice = new Dice(seed);
      const { offerer, answerer, matchId } = await pair(target.transport());
      const tokens = [offerer.welcome.token, answerer.welcome.token];
      const all = subjects(matchId);
      const common = { target, dice, tokens, among: all.filter((one) => !isLast(one)) };
      const tell = (how: string, { sent, share, ms }: Awaited<ReturnType<typeof attack>>) => {
        const figures = { bodies: sent, "share answered": share, "in ms": ms };
        report(`fuzz over ${how} (SEED=${String(seed)}, DIRECT_PATH=${DIRECT_PATH})`, figures);
        expect(share).toBeGreaterThan(0.95);
      };
      tell("HTTP/1.1", await attack({ ...common, send: sendH1, bodies: BODIES, batch: BATCH }));
      tell("HTTP/2", await attack({ ...common, send: sendH2, bodies: BODIES * H2_SHARE, batch: H2_BATCH }));

      await Promise.all([offerer.break(), answerer.break()]);
      const someone = await Person.open(target.transport());
      await someone.leave();
      await someone.break();
      await expectNothingLeft(target);

      const last = { ...common, among: all.filter(isLast) };
      tell("HTTP/1.1 to DrainInstance", await attack({ ...last, send: sendH1, bodies: BODIES / 100, batch: BATCH }));
      tell("HTTP/2 to DrainInstance", await attack({ ...last, send: sendH2, bodies: BODIES / 100, batch: H2_BATCH }));
      await expectNothingLeft(target);
      expect((await request(`${target.url}/readyz`)).status, "a good body was among them").toBe(503);
      expect((await request(`${target.url}/healthz`)).status).toBe(200);
    },
  );
});
