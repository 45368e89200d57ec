import { expect, it, onTestFinished } from "vitest";
import { makeCertificate } from "../support/certificate.js";
import { pair } from "../support/pair.js";
import { soon } from "../support/soon.js";
import { accept, type Answer, Receiver, WEBHOOK_SECRET } from "../support/webhook-receiver.js";
import { MIB, report, Target } from "./support/target.js";

const MATCHES = 60;
/** What an answer of a gigabyte may cost: it is not read, but system buffers take some of it. */
const MOST_TAKEN = 8 * MIB;
const MOST_GROWTH = 64 * MIB;

async function open(answer: Answer, tls?: { cert: string; key: string }): Promise<Receiver> {
  const receiver = await Receiver.open({ answer, tls });
  onTestFinished(() => {
    receiver.close();
  });
  return receiver;
}

/** Receivers that never accept an event. */
async function hostile(internal: Receiver) {
  const huge = { "content-length": String(1 << 30) };
  const pouring: Receiver = await open((response) => {
    response.writeHead(500, huge);
    pouring.pour(response);
  });
  return {
    silent: await open(() => undefined),
    failing: await open((response) => response.writeHead(500).end("no")),
    redirecting: await open((response) => response.writeHead(307, { location: internal.url }).end()),
    closing: await open((_, socket) => socket.end("HTTP/1.1 2")),
    dripping: await open((_, socket) => {
      const timer = setInterval(() => socket.write("x"), 50);
      socket.write("HTTP/1.1 200 OK\r\n");
      socket
        .on("error", () => undefined)
        .once("close", () => {
          clearInterval(timer);
        });
    }),
    pouring,
  };
}

/** Receivers that accept each event, with an answer that does not end. */
async function wasteful() {
  const huge: Receiver = await open((response) => {
    response.writeHead(200, { "content-length": String(1 << 30) });
    huge.pour(response);
  });
  const dripping = await open((response) => {
    response.writeHead(200).on("error", () => undefined);
    const timer = setInterval(() => response.write("x"), 50);
    response.once("close", () => {
      clearInterval(timer);
    });
  });
  return { huge, dripping };
}

it("hostile receivers of webhooks cost little, hold no other back, and get everything in order when they have recovered", async () => {
  const internal = await open(accept);
  const [bad, waste, good] = [await hostile(internal), await wasteful(), await open(accept)];
  const { ca: cert, key } = await makeCertificate();
  const untrusted = await open(accept, { cert, key });
  const all = [...Object.values(bad), ...Object.values(waste), untrusted, good];
  const target = await Target.start({
    ...{ WEBHOOK_URLS: all.map(({ url }) => url).join(","), WEBHOOK_SECRET, WEBHOOK_EVENTS: "match.began,match.ended" },
    ...{ MAX_CONNECTIONS_PER_IP: "10000", RATE_LIMIT_MAX_REQUESTS: "100000", WIDEN_AFTER_MS: "600000" },
  });
  onTestFinished(() => target.close());
  const before = await target.figures();
  const expected: string[] = [];
  for (let match = 0; match < MATCHES; match++) {
    const { matchId, offerer, answerer } = await pair(target.transport());
    await offerer.leave();
    await Promise.all([offerer.break(), answerer.break()]);
    expected.push(...["began", "ended"].map((end) => `match_${end}_${matchId.replace(".", "~")}`));
  }
  await soon(() => {
    for (const one of [good, ...Object.values(waste)]) expect(one.came).toEqual(expected);
    for (const one of Object.values(bad)) expect(one.events).toEqual(expected.slice(0, 1));
  });
  const after = await target.figures();
  const growth = after.heapUsed + after.external - before.heapUsed - before.external;
  const taken = (bad.pouring.sent + waste.huge.sent) / (bad.pouring.came.length + waste.huge.came.length);
  report("hostile receivers of webhooks", {
    "bytes more": growth,
    "of each GiB, bytes taken": taken,
    ...countsOf(bad),
  });
  expect(growth).toBeLessThan(MOST_GROWTH);
  expect(taken).toBeLessThan(MOST_TAKEN);
  expect([internal.came, untrusted.came]).toEqual([[], []]);

  for (const one of Object.values(bad)) one.answer = accept;
  await soon(() => {
    for (const one of Object.values(bad)) expect(one.events).toEqual(expected);
  });
  expect(good.came).toEqual(expected);
  expect((await target.figures()).troubles).toEqual([]);
});

function countsOf(receivers: Record<string, Receiver>): Record<string, number> {
  return Object.fromEntries(Object.entries(receivers).map(([name, { came }]) => [`attempts of ${name}`, came.length]));
}
