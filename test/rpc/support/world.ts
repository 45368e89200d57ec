import { create, fromBinary, toJson } from "@bufbuild/protobuf";
import { createConnectTransport } from "@connectrpc/connect-node";
import { signToken } from "../../../src/core/token.js";
import type { SessionId } from "../../../src/core/ids.js";
import { type SignalResponse, SignalResponseSchema } from "../../../gen/satoshigle/v1/signaling_pb.js";
import { Person } from "../../support/person.js";
import type { TestServer } from "../../support/server.js";
import type { RawAnswer } from "./raw-call.js";

export const secret = "a secret of at least thirty-two characters";
export const allowedOrigin = "https://chat.example.com";

/** What there is on one server: a pair in a match, somebody without a partner, and their tokens. */
export class World {
  private constructor(
    readonly server: TestServer,
    readonly matchId: string,
    readonly people: [offerer: Person, answerer: Person],
    readonly idle: Person,
  ) {}

  static async create(server: TestServer, interest: string): Promise<World> {
    const open = (useBinaryFormat: boolean) =>
      Person.open(createConnectTransport({ baseUrl: server.url, httpVersion: "1.1", useBinaryFormat }));
    const [answerer, offerer, idle] = [await open(true), await open(true), await open(false)];
    const preferences = { interests: [interest] };
    await answerer.match({ preferences });
    await offerer.match({ preferences });
    const [{ matchId }] = [await offerer.until("matched"), await answerer.until("matched")];
    await idle.break();
    return new World(server, matchId, [offerer, answerer], idle);
  }

  get epoch(): string {
    return this.idle.welcome.epoch;
  }

  /** The token of a role; of `nobody` it is genuine, but the session never was. */
  token(role: "offerer" | "answerer" | "idle" | "nobody"): string {
    const [offerer, answerer] = this.people;
    if (role === "nobody") return signToken(secret, "AAAAAAAAAAAAAAAAAAAAAA" as SessionId);
    return { offerer, answerer, idle: this.idle }[role].welcome.token;
  }

  /** What the pair saw, to the end of their streams: everybody leaves. */
  async end(): Promise<unknown[]> {
    const seen: unknown[] = [];
    for (const person of this.people) {
      await person.leave().catch(() => undefined); // reported by enough people, or taken over
      const next = await Person.open(person.transport, { token: person.welcome.token });
      seen.push((await person.rest()).map((event) => this.plain(create(SignalResponseSchema, { event }))));
      seen.push({ lastSequence: next.welcome.lastSequence, state: next.welcome.snapshot?.state.case });
      await next.break();
    }
    return seen;
  }

  /** Text without what differs between two servers for good reason: ids, tokens, the port. */
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
    return plain.replace(/Unexpected .* is not valid JSON/s, "<cites the body>");
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

  /** A message of a stream without ids and times. */
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
    const said = isOver ? all : all.slice(0, 1); // of a stream that goes on, what is always seen
    return said.map(({ flags, bytes }) => {
      const isBinary = flags === 0 && type.endsWith("proto");
      return { flags, message: isBinary ? this.plain(fromBinary(SignalResponseSchema, bytes)) : this.#unary(bytes) };
    });
  }
}

/** Fields that are new each time. */
const volatile = new Set(
  ["sessionId", "token", "epoch", "startTime", "deadlineTime", "timeLeft", "estimatedWait", "retryDelay"].concat(
    "createTime",
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

/** Whether a stream has said welcome. */
export function hasOpened(body: Buffer): boolean {
  return body[0] === 0 && body.length >= 5 && body.length >= 5 + body.readUInt32BE(1);
}
