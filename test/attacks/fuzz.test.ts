import { create, type DescMethod, type DescService, toBinary, toJsonString } from "@bufbuild/protobuf";
import { once } from "node:events";
import net from "node:net";
import { describe, expect, it, vi } from "vitest";
import { ServerReflection } from "../../gen/grpc/reflection/v1/reflection_pb.js";
import { Health } from "../../gen/health/v1/health_pb.js";
import { ModerationService } from "../../gen/satoshigle/internal/v1/moderation_pb.js";
import { MonitoringService } from "../../gen/satoshigle/internal/v1/monitoring_pb.js";
import { MatchService } from "../../gen/satoshigle/v1/matching_pb.js";
import { SignalService } from "../../gen/satoshigle/v1/signaling_pb.js";
import { Dice } from "../rpc/support/dice.js";
import { envelope } from "../rpc/support/variants.js";
import { candidate, pair } from "../support/pair.js";
import { Person, transportTo } from "../support/person.js";
import { sdp } from "../support/sdp.js";
import { report, Target } from "./support/target.js";

const BODIES = Number(process.env.BODIES ?? 50_000);
const BATCH = 50;
const LANES = 12;
/** Set SEED to repeat a run's bodies. */
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);

const types = ["application/json", "application/proto", "application/connect+proto", "application/connect+json"];
const services: [DescService, internal: boolean][] = [
  [SignalService, false],
  [MatchService, false],
  [Health, true],
  [ServerReflection, true],
  [MonitoringService, true],
  [ModerationService, true],
];
/** Every method but the one that would rightly end the attack. */
const methods = services.flatMap(([service, internal]) =>
  service.methods.filter(({ name }) => name !== "DrainNode").map((method) => ({ method, internal })),
);

/** Good requests, to be spoilt. */
function goodRequests(matchId: string): Record<string, Record<string, unknown>> {
  const description = { type: 1, sdp: sdp(), connectionId: "one" };
  return {
    Signal: { epoch: "AAAAAAAAAAAAAAAAAAAAAA", lastSequence: 3 },
    Send: {
      matchId,
      clientSequence: 1,
      signals: [candidate(1), { kind: { case: "description", value: description } }],
    },
    Match: { preferences: { interests: ["go"], languages: ["en"] }, offer: description, leaveMatchId: matchId },
    Report: { matchId, reason: 5, comment: "ünï©ode" },
  };
}

/** The body of one request: a good one, one with some bytes changed, cut off or added, or noise. */
function drawBody(dice: Dice, good: readonly Buffer[]): Buffer {
  const kind = dice.roll(10);
  if (kind === 0) return dice.bytes(dice.roll(80));
  if (kind === 1) return envelope(dice.roll(256), dice.bytes(dice.roll(20)), dice.roll(2 ** 31));
  if (kind === 2 && dice.hits(20)) return Buffer.alloc(32_700 + dice.roll(200), dice.pick([" ", "\0", "{", "\n"]));
  const body = Buffer.from(dice.pick(good));
  for (let count = dice.roll(4); count > 0 && body.length > 0; count--) body[dice.roll(body.length)] = dice.roll(256);
  if (dice.hits(4)) return body.subarray(0, dice.roll(body.length + 1));
  return dice.hits(4) ? Buffer.concat([body, dice.bytes(dice.roll(9))]) : body;
}

function encodings(method: DescMethod, requests: Record<string, Record<string, unknown>>): Map<string, Buffer> {
  const message = create(method.input, requests[method.name] ?? {});
  const [json, binary] = [
    Buffer.from(toJsonString(method.input, message)),
    Buffer.from(toBinary(method.input, message)),
  ];
  const bodies = [json, binary, envelope(0, binary), envelope(0, json)];
  return new Map(types.map((type, index) => [type, bodies[index] ?? json]));
}

/** Sends requests over a connection of their own, and waits until it is closed. Returns how many were answered. */
async function send(port: number, requests: Buffer[], isStream: boolean): Promise<number> {
  const socket = net.connect(port, "127.0.0.1").on("error", () => undefined);
  let text = "";
  const timer = setTimeout(() => socket.destroy(new Error("no answer")), 15_000);
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
    if (isStream && text.includes("\r\n\r\n")) socket.destroy(); // it may have opened: enough
  });
  socket.write(Buffer.concat(requests));
  await once(socket, "close");
  clearTimeout(timer);
  return text.match(/HTTP\/1\.1 \d{3} /g)?.length ?? 0;
}

describe.concurrent("random and mutated bodies on every method", () => {
  it.each(["true", "false"])(
    "crash nothing and leave nothing, with DIRECT_PATH=%s",
    async (DIRECT_PATH) => {
      const target = await Target.start(
        {
          DIRECT_PATH,
          MAX_CONNECTIONS_PER_IP: "10000",
          RATE_LIMIT_MAX_REQUESTS: "1000000",
          RATE_LIMIT_WINDOW_MS: "1000",
          MAX_DISCONNECTION_DURATION_MS: "1000",
          MAX_LOOP_DELAY_MS: "10000",
        },
        true,
      );
      const dice = new Dice(seed);
      const { offerer, answerer, matchId } = await pair(transportTo(target.url));
      const tokens = [offerer.welcome.token, answerer.welcome.token];
      const corpus = methods.map((one) => ({ ...one, good: encodings(one.method, goodRequests(matchId)) }));

      const drawRequest = ({ method, good }: (typeof corpus)[number], isLast: boolean): Buffer => {
        const type = dice.pick(types);
        const own = good.get(type);
        const body = drawBody(dice, dice.hits(8) || own === undefined ? [...good.values()] : [own]);
        const isStream = method.methodKind !== "unary";
        const lines = [
          `POST /${method.parent.typeName}/${method.name} HTTP/1.1`,
          "host: x",
          `content-type: ${type}`,
          `content-length: ${String(body.length)}`,
          ...(isStream || dice.hits(9) ? [] : [`authorization: Bearer ${dice.pick(tokens)}`]),
          ...(isLast ? ["connection: close"] : []),
        ];
        return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), body]);
      };

      const startMs = performance.now();
      let [sent, answered] = [0, 0];
      const lane = async () => {
        while (sent < BODIES) {
          const { method, internal } = dice.pick(corpus);
          const alike = corpus.filter((one) => one.internal === internal && one.method.methodKind === "unary");
          const isStream = method.methodKind !== "unary" && dice.hits(4);
          const size = isStream ? 1 : BATCH;
          sent += size;
          const requests = Array.from({ length: size }, (_, index) => {
            const one = isStream ? corpus.find((other) => other.method === method) : dice.pick(alike);
            return one === undefined ? Buffer.alloc(0) : drawRequest(one, index === size - 1);
          });
          const count = await send(internal ? target.internalPort : target.port, requests, isStream);
          answered += count;
        }
      };
      await Promise.all(Array.from({ length: LANES }, lane));
      const tookMs = performance.now() - startMs;
      report(`fuzz (SEED=${String(seed)}, DIRECT_PATH=${DIRECT_PATH})`, { bodies: sent, answered, "in ms": tookMs });
      expect(answered / sent).toBeGreaterThan(0.95);

      await Promise.all([offerer.break(), answerer.break()]);
      const someone = await Person.open(transportTo(target.url));
      await someone.leave();
      await someone.break();
      await vi.waitFor(
        async () => {
          const { tables, timers, resources } = await target.figures();
          const held = /realm|streams|call-limit|guards|server|http2|unread/;
          expect(Object.keys(tables).filter((place) => held.test(place))).toEqual([]);
          expect(Object.keys(timers).filter((place) => !/clock|load|elsewhere/.test(place))).toEqual([]);
          expect(resources.filter((one) => one === "TCPSocketWrap")).toEqual([]);
        },
        { timeout: 20_000, interval: 200 },
      );
      expect((await target.figures()).troubles).toEqual([]);
      await target.close();
    },
    180_000,
  );
});
