import { create, type DescMethod, type DescService, toBinary, toJsonString } from "@bufbuild/protobuf";
import { ServerReflection } from "../../../gen/grpc/reflection/v1/reflection_pb.js";
import { Health } from "../../../gen/health/v1/health_pb.js";
import { ModerationService } from "../../../gen/satoshigle/internal/v1/moderation_pb.js";
import { MonitoringService } from "../../../gen/satoshigle/internal/v1/monitoring_pb.js";
import { PaymentService } from "../../../gen/satoshigle/internal/v1/payment_pb.js";
import { PeopleService } from "../../../gen/satoshigle/internal/v1/people_pb.js";
import { MatchService } from "../../../gen/satoshigle/v1/matching_pb.js";
import { TipService } from "../../../gen/satoshigle/v1/tipping_pb.js";
import { SignalService } from "../../../gen/satoshigle/v1/signaling_pb.js";
import type { Dice } from "../../rpc/support/dice.js";
import { envelope } from "../../rpc/support/variants.js";
import { invoiceOf } from "../../support/invoice.js";
import { candidate } from "../../support/pair.js";
import { sdp } from "../../support/sdp.js";

/** A method, with a valid body in each encoding. */
export interface Subject {
  method: DescMethod;
  internal: boolean;
  isStream: boolean;
  good: Map<string, Buffer>;
}

export interface Request {
  path: string;
  headers: Record<string, string>;
  body: Buffer;
}

const types = ["application/json", "application/proto", "application/connect+proto", "application/connect+json"];
const services: [DescService, internal: boolean][] = [
  [SignalService, false],
  [MatchService, false],
  [TipService, false],
  [Health, true],
  [ServerReflection, true],
  [MonitoringService, true],
  [ModerationService, true],
  [PaymentService, true],
  [PeopleService, true],
];

/** Every public and internal method. */
export function subjects(matchId: string): Subject[] {
  return services.flatMap(([service, internal]) =>
    service.methods.map((method) => ({
      method,
      internal,
      isStream: method.methodKind !== "unary",
      good: encodings(method, goodRequests(matchId)),
    })),
  );
}

/** A request with a mostly invalid body, with one of these tokens or none. */
export function drawRequest(dice: Dice, { method, isStream, good }: Subject, tokens: readonly string[]): Request {
  const type = dice.pick(types);
  const own = good.get(type);
  const body = drawBody(dice, dice.hits(8) || own === undefined ? [...good.values()] : [own]);
  const isNobody = isStream || dice.hits(9);
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    headers: { "content-type": type, ...(isNobody ? {} : { authorization: `Bearer ${dice.pick(tokens)}` }) },
    body,
  };
}

/** Valid requests, to be mutated. */
function goodRequests(matchId: string): Record<string, Record<string, unknown>> {
  const tipId = "a".repeat(22);
  const description = { type: 1, sdp: sdp(), connectionId: "one" };
  return {
    Signal: { epoch: "AAAAAAAAAAAAAAAAAAAAAA", lastSequence: 3 },
    Send: {
      matchId,
      clientSequence: 1,
      signals: [candidate(1), { kind: { case: "description", value: description } }],
    },
    GetPerson: { subject: "ann" },
    ListPeople: { pageSize: 3 },
    Block: { subject: "ann", otherSubject: "bob" },
    Unblock: { subject: "ann", otherSubject: "bob" },
    CloseSessions: { subject: "ann" },
    RevokeTokens: { subject: "ann", issuedBeforeTime: { seconds: 1n, nanos: 0 } },
    Forget: { subject: "ann" },
    Match: { preferences: { interests: ["go"], languages: ["en"] }, offer: description, leaveMatchId: matchId },
    Report: { matchId, reason: 5, comment: "ünï©ode" },
    OfferTip: { tipId, matchId, amountMsat: 21_000n, comment: "ünï©ode" },
    SendInvoice: { tipId, invoice: invoiceOf({ amountMsat: 21_000 }).invoice },
    ConfirmTip: { tipId, preimage: "0".repeat(64) },
    CancelTip: { tipId },
    GetTip: { tipId },
    GetTotals: { of: { case: "day", value: "2026-01-31" } },
  };
}

/** The body of one request: valid, with bytes changed, removed or added, or random. */
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
