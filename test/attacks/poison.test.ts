import { create, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MatchRequestSchema } from "../../gen/satoshigle/v1/matching_pb.js";
import { Description_Type, DescriptionSchema } from "../../gen/satoshigle/v1/signal_pb.js";
import { candidate, pair, uniqueInterest } from "../support/pair.js";
import { TestClient } from "../support/test-client.js";
import { sdp } from "../support/sdp.js";
import { report, Target } from "./support/target.js";

const send = "/satoshigle.v1.SignalService/Send";
const match = "/satoshigle.v1.MatchService/Match";

let target: Target;
beforeAll(async () => {
  target = await Target.start({
    MAX_CONNECTIONS_PER_IP: "10000",
    RATE_LIMIT_MAX_REQUESTS: "100000",
    WIDEN_AFTER_MS: "600000",
  });
});
afterAll(() => target.close());

/** Nested groups of an unknown field number (Protobuf encoding, "Groups"). */
function nested(depth: number): Buffer {
  const number = 15;
  const tags = [WireType.StartGroup, WireType.EndGroup].map((type) => Buffer.alloc(depth, (number << 3) | type));
  return Buffer.concat(tags);
}

/** A message field. */
function field(number: number, message: Uint8Array): Uint8Array {
  return new BinaryWriter().tag(number, WireType.LengthDelimited).bytes(message).finish();
}

function request(matchId: string, signal: Uint8Array): Buffer {
  const head = new BinaryWriter().tag(1, WireType.LengthDelimited).string(matchId).tag(2, WireType.Varint).int32(1);
  return Buffer.concat([head.finish(), field(3, signal)]);
}

const done = field(3, new Uint8Array());
const aCandidate = new BinaryWriter()
  .tag(1, WireType.LengthDelimited)
  .string("candidate:1 1 udp 1 10.0.0.1 9 typ host");
const aDescription = create(DescriptionSchema, { type: Description_Type.OFFER, sdp: sdp() });
const inSignal = (depth: number) => Buffer.concat([done, nested(depth)]);
const candidateBytes = aCandidate.finish();
const inCandidate = (depth: number) => Buffer.from(field(2, Buffer.concat([candidateBytes, nested(depth)])));
const inDescription = (depth: number) =>
  Buffer.from(field(1, Buffer.concat([toBinary(DescriptionSchema, aDescription), nested(depth)])));

/** Makes a call with arbitrary bytes. Returns the status. */
async function call(path: string, person: TestClient, body: Buffer): Promise<number> {
  const response = await fetch(target.url + path, {
    method: "POST",
    headers: { "content-type": "application/proto", authorization: `Bearer ${person.welcome.token}` },
    body: new Uint8Array(body),
  });
  await response.arrayBuffer();
  return response.status;
}

describe.concurrent(
  "unknown groups that the server would parse and that are one level too deep for the partner",
  () => {
    // Parsers accept 100 nested messages. Relayed signals are nested one level deeper than sent.
    it.each([
      ["in a signal", inSignal, 98],
      ["in a candidate", inCandidate, 97],
      ["in a description", inDescription, 97],
    ])("%s leave the victim's stream as it is, now and when it resumes", async (where, poisoned, depth) => {
      const { matchId, offerer: attacker, answerer: victim } = await pair(target.transport());
      const { resume } = victim;
      const body = request(matchId, poisoned(depth));
      const status = await call(send, attacker, body);
      const clientSequence = status === 200 ? 2 : 1; // refused, or accepted without unknown fields
      await attacker.send({ matchId, clientSequence, signals: [candidate(7)] });
      const until7 = async (person: TestClient) => {
        for (;;) {
          const { signals } = await person.until("signalReceived", 5_000);
          if (signals.some(({ kind }) => kind.case === "candidate" && kind.value.candidate.startsWith("candidate:7")))
            return;
        }
      };
      const live = await until7(victim).then(() => "goes on", String);
      await victim.break();
      const again = await TestClient.open(target.transport(), resume);
      const resumed = await until7(again).then(() => "goes on", String);
      report(`98 groups ${where}`, {
        bytes: body.length,
        status,
        "the victim's stream": live,
        "once resumed": resumed,
      });
      expect({ live, resumed }).toEqual({ live: "goes on", resumed: "goes on" });
    });

    it("in the offer of Match do not affect the stream of the waiting session", async () => {
      const [victim, attacker] = [await TestClient.open(target.transport()), await TestClient.open(target.transport())];
      const preferences = { interests: [uniqueInterest()] };
      await victim.match({ preferences });
      const body = Buffer.concat([
        toBinary(MatchRequestSchema, create(MatchRequestSchema, { preferences })),
        field(2, Buffer.concat([toBinary(DescriptionSchema, aDescription), nested(98)])),
      ]);
      const status = await call(match, attacker, body);
      if (status !== 200) await attacker.match({ preferences });
      const { matchId } = await victim.until("matched", 5_000);
      report("98 groups in the offer of Match", { bytes: body.length, status });
      await attacker.send({ matchId, clientSequence: 1, signals: [candidate(7)] });
      expect((await victim.until("signalReceived", 5_000)).signals).toHaveLength(1);
    });
  },
);

it("no attack caused an error", async () => {
  expect((await target.figures()).troubles).toEqual([]);
});
