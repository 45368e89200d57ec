import { create, type DescMethod, toBinary, toJsonString } from "@bufbuild/protobuf";
import type { Dice } from "../../rpc/support/dice.js";
import { envelope } from "../../rpc/support/variants.js";
import { invoiceOf } from "../../support/invoice.js";
import { candidate } from "../../support/pair.js";
import { sdp } from "../../support/sdp.js";
import { drawFields } from "./drawn-fields.js";
import { internalServices, publicServices } from "./services.js";

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
const services = [
  ...publicServices.map((service) => ({ service, internal: false })),
  ...internalServices.map((service) => ({ service, internal: true })),
];

/** Every public and internal method. */
export function subjects(matchId: string): Subject[] {
  return services.flatMap(({ service, internal }) =>
    service.methods.map((method) => ({
      method,
      internal,
      isStream: method.methodKind !== "unary",
      good: encodings(method, goodRequests(matchId)[method.name] ?? {}),
    })),
  );
}

/** A request with a mostly invalid body, with one of these tokens or none. */
export function drawRequest(dice: Dice, { method, isStream, good }: Subject, tokens: readonly string[]): Request {
  const type = dice.pick(types);
  const own = good.get(type);
  const fields = dice.hits(2) ? drawFields(dice, method) : undefined;
  const body =
    fields === undefined
      ? drawBody(dice, dice.hits(8) || own === undefined ? [...good.values()] : [own])
      : (encodings(method, fields).get(type) ?? Buffer.alloc(0));
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
    Signal: { epoch: "AAAAAAAAAAAAAAAAAAAAAA", lastSequence: 3, identityToken: "a.b.c", deviceKey: "a".repeat(22) },
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
    ListEvents: { pageSize: 3, types: [1, 4] },
    WatchEvents: { cursor: Buffer.from("happenings 1").toString("base64url"), types: [1, 4] },
    ListSessions: { pageSize: 3, state: 2, addressKey: "a".repeat(22) },
    ListMatches: { pageSize: 3, olderThan: { seconds: 1n, nanos: 0 }, answered: true },
    EndMatch: { matchId },
    CloseSession: { sessionId: "a".repeat(22) },
    Ban: { subject: "ann", reason: "ünï©ode", duration: { seconds: 60n, nanos: 0 } },
    Unban: { subject: "ann" },
    ResolveReport: { reportId: "1", resolution: "ünï©ode" },
    Match: {
      preferences: { interests: ["go"], languages: ["en"] },
      attributes: [{ name: "gender", values: ["f"] }],
      filters: [{ name: "level", values: ["high"] }],
      ...{ offer: description, leaveMatchId: matchId },
    },
    ReportCheck: { outcomes: [{ part: 1, result: 1 }] },
    Report: { matchId, reason: 5, comment: "ünï©ode" },
    OfferTip: { tipId, matchId, amountMsat: 21_000n, comment: "ünï©ode" },
    SendInvoice: { tipId, invoice: invoiceOf({ amountMsat: 21_000 }).invoice },
    ConfirmTip: { tipId, preimage: "0".repeat(64) },
    ConfirmReceipt: { tipId },
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

function encodings(method: DescMethod, fields: Record<string, unknown>): Map<string, Buffer> {
  const message = create(method.input, fields);
  const [json, binary] = [
    Buffer.from(toJsonString(method.input, message)),
    Buffer.from(toBinary(method.input, message)),
  ];
  const bodies = [json, binary, envelope(0, binary), envelope(0, json)];
  return new Map(types.map((type, index) => [type, bodies[index] ?? json]));
}
