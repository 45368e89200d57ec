import { create, fromBinary, toJson } from "@bufbuild/protobuf";
import { createConnectTransport } from "@connectrpc/connect-node";
import { signToken } from "../../../src/core/token.js";
import type { SessionId } from "../../../src/core/ids.js";
import { type SignalResponse, SignalResponseSchema } from "../../../gen/satoshigle/v1/signaling_pb.js";
import { TestClient } from "../../support/test-client.js";
import type { TestServer } from "../../support/server.js";
import type { RawAnswer } from "./raw-call.js";

export const secret = "a secret of at least thirty-two characters";
export const allowedOrigin = "https://chat.example.com";

/** Clients of one server: a matched pair, one without a partner, and their tokens. */
export class ServerFixture {
  private constructor(
    readonly server: TestServer,
    readonly matchId: string,
    readonly people: [offerer: TestClient, answerer: TestClient],
    readonly idle: TestClient,
  ) {}

  static async create(server: TestServer, interest: string): Promise<ServerFixture> {
    const open = (useBinaryFormat: boolean) =>
      TestClient.open(createConnectTransport({ baseUrl: server.url, httpVersion: "1.1", useBinaryFormat }));
    const [answerer, offerer, idle] = [await open(true), await open(true), await open(false)];
    const preferences = { interests: [interest] };
    await answerer.match({ preferences });
    await offerer.match({ preferences });
    const [{ matchId }] = [await offerer.until("matched"), await answerer.until("matched")];
    await idle.break();
    return new ServerFixture(server, matchId, [offerer, answerer], idle);
  }

  get epoch(): string {
    return this.idle.welcome.epoch;
  }

  /** The token of a role. That of `nobody` is validly signed, but its session never existed. */
  token(role: "offerer" | "answerer" | "idle" | "nobody"): string {
    const [offerer, answerer] = this.people;
    if (role === "nobody") return signToken(secret, "AAAAAAAAAAAAAAAAAAAAAA" as SessionId);
    return { offerer, answerer, idle: this.idle }[role].welcome.token;
  }

  /** Both leave. Returns the events of the pair, up to the end of their streams. */
  async end(): Promise<unknown[]> {
    const seen: unknown[] = [];
    for (const person of this.people) {
      await person.leave().catch(() => undefined); // closed after reports, or taken over
      const next = await TestClient.open(person.transport, { token: person.welcome.token });
      seen.push((await person.rest()).map((event) => this.plain(create(SignalResponseSchema, { event }))));
      seen.push({ lastSequence: next.welcome.lastSequence, state: next.welcome.snapshot?.state.case });
      await next.break();
    }
    return seen;
  }

  /** Text without what legitimately differs between two servers: IDs, tokens, the port. IDs of reports are times. */
  plainText(text: string): string {
    const [offerer, answerer] = this.people;
    const names = Object.entries({ offerer, answerer, idle: this.idle });
    let plain = text.replaceAll(this.matchId, "<match>").replaceAll(String(this.server.port), "<port>");
    for (const [name, { welcome }] of names) {
      for (const [what, value] of Object.entries({
        token: welcome.token,
        id: welcome.sessionId,
        epoch: welcome.epoch,
      })) {
        plain = plain.replaceAll(value, `<${name} ${what}>`);
      }
    }
    plain = plain.replace(/\b\d{16}\b/g, "<report>");
    return plain.replace(/Unexpected .* is not valid JSON/s, "<quotes the body>");
  }

  /** An answer that can be compared with that of the other server. */
  comparable({ status, headers, body }: RawAnswer) {
    const plainHeaders: Record<string, string[]> = {};
    for (const [name, values] of headers) {
      if (name === "date") continue;
      const isSet = name === "vary" || name.startsWith("access-control-");
      const listed = isSet ? values.flatMap((one) => one.split(/, */)) : values;
      plainHeaders[name] = listed.map((one) => this.plainText(one)).sort();
    }
    const type = headers.get("content-type")?.[0] ?? "";
    const isStream = /^application\/(connect|grpc-web)\+/.test(type);
    return { status, headers: plainHeaders, body: isStream ? this.#envelopes(body, type) : this.#unary(body) };
  }

  /** A message of a stream without IDs and times. */
  plain(message: SignalResponse): unknown {
    return this.#plainJson(JSON.stringify(toJson(SignalResponseSchema, message)));
  }

  #plainJson(json: string): unknown {
    return JSON.parse(this.plainText(json), (key, value: unknown) =>
      volatile.has(key) ? `<${typeof value}>` : value,
    ) as unknown;
  }

  #unary(body: Buffer): unknown {
    try {
      return this.#plainJson(body.toString());
    } catch {
      return this.plainText(body.toString());
    }
  }

  #envelopes(body: Buffer, type: string): unknown[] {
    const all = envelopesIn(body);
    const isOver = (all.at(-1)?.flags ?? 0) !== 0;
    const said = isOver ? all : all.slice(0, 1); // of an open stream, only the first message is certain
    return said.map(({ flags, bytes }) => {
      const isBinary = flags === 0 && type.endsWith("proto");
      return { flags, message: isBinary ? this.#message(bytes) : this.#unary(bytes) };
    });
  }

  /** A message of a stream, or of gRPC-Web the answer of a unary call, which may be no such message. */
  #message(bytes: Buffer): unknown {
    try {
      return this.plain(fromBinary(SignalResponseSchema, bytes));
    } catch {
      return this.plainText(bytes.toString("latin1"));
    }
  }
}

/** Fields that differ each time. */
const volatile = new Set(
  ["sessionId", "token", "epoch", "startTime", "deadlineTime", "timeLeft", "estimatedWait", "retryDelay"].concat(
    "createTime",
    "serverTime",
    "expireTime",
    "invoiceExpireTime",
    "username",
    "credential",
  ),
);

export function envelopesIn(body: Buffer): { flags: number | undefined; bytes: Buffer }[] {
  const found = [];
  for (let at = 0; at + 5 <= body.length;) {
    const end = at + 5 + body.readUInt32BE(at + 1);
    found.push({ flags: body[at], bytes: body.subarray(at + 5, end) });
    at = end;
  }
  return found;
}

/** Whether a stream has sent Welcome. */
export function hasOpened(body: Buffer): boolean {
  return body[0] === 0 && body.length >= 5 && body.length >= 5 + body.readUInt32BE(1);
}
