import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { Description_Type } from "../../../gen/satoshigle/v1/signal_pb.js";
import { SignalResponseSchema } from "../../../gen/satoshigle/v1/signaling_pb.js";
import { envelope } from "../../../src/rpc/codec/envelope.js";
import { sdp } from "../redis/payloads.js";

/**
 * What HTTP in Node.js costs at least: the requests of our client get answers and events of the same size as ours, at
 * the same moments, on plain `node:http`. Events are prepared bytes. Nothing is parsed, checked, limited or stored.
 */

interface Person {
  stream: ServerResponse;
  partner: Person | undefined;
}

const people = new Map<string, Person>();
const waiting = new Map<string, Person>();

function eventOf(event: NonNullable<MessageInitShape<typeof SignalResponseSchema>["event"]>): Buffer {
  return envelope(0, toBinary(SignalResponseSchema, create(SignalResponseSchema, { sequence: 1, event })));
}

const matchId = "only-for-the-benchmar";
const offer = { type: Description_Type.OFFER, sdp, connectionId: "c" };
const events = {
  ended: eventOf({ case: "matchEnded", value: { matchId } }),
  waiting: eventOf({ case: "waiting", value: {} }),
  matched: eventOf({ case: "matched", value: { matchId } }),
  matchedWithOffer: eventOf({ case: "matched", value: { matchId, offer } }),
};
/** `SignalResponse.sequence`, and the tag of `.signal_received`. */
const SIGNAL_START = Buffer.of(0x08, 1, 0x2a);
/** How much of a request contains its interest. */
const INTEREST_BYTES = 24;

const server = createServer({ noDelay: true, keepAliveTimeout: 60_000 }, (request, response) => {
  const { url } = request;
  if (url === "/healthz") respond(response);
  else if (url === "/satoshigle.v1.SignalService/Signal") openStream(response);
  else readBody(request, response);
});

function openStream(response: ServerResponse): void {
  const token = String(people.size).padStart(150, "0");
  people.set(`Bearer ${token}`, { stream: response, partner: undefined });
  response.writeHead(200, { "content-type": "application/connect+proto" });
  response.write(eventOf({ case: "welcome", value: { token } }));
}

function readBody(request: IncomingMessage, response: ServerResponse): void {
  const person = people.get(request.headers.authorization ?? "");
  if (person === undefined) throw new Error("an unknown person");
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const body = Buffer.concat(chunks);
    if (request.url?.endsWith("/Match") === true) ask(person, body);
    else if (request.url?.endsWith("/Send") === true) forward(person, body);
    else part(person);
    respond(response);
  });
}

function respond(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "application/proto", "content-length": 0 });
  response.end();
}

function part(person: Person): void {
  const { partner } = person;
  if (partner === undefined) return;
  for (const { stream } of [person, partner]) stream.write(events.ended);
  person.partner = partner.partner = undefined;
}

function ask(person: Person, body: Buffer): void {
  part(person);
  const interest = /\d+-\d+/.exec(body.toString("latin1", 0, INTEREST_BYTES))?.[0] ?? "";
  const other = waiting.get(interest);
  if (other === undefined) {
    waiting.set(interest, person);
    person.stream.write(events.waiting);
    return;
  }
  waiting.delete(interest);
  [person.partner, other.partner] = [other, person];
  other.stream.write(events.matchedWithOffer);
  person.stream.write(events.matched);
}

/** Sends the request as the event's content: it has about as many bytes. */
function forward({ partner }: Person, body: Buffer): void {
  const length = Buffer.of((body.length & 0x7f) | 0x80, body.length >> 7);
  partner?.stream.write(envelope(0, Buffer.concat([SIGNAL_START, length, body])));
}

server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}\n`);
});
