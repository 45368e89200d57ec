import { type MessageInitShape, create, toBinary } from "@bufbuild/protobuf";
import { MatchRequestSchema } from "../../../gen/satoshigle/v1/matching_pb.js";
import { Description_Type, type SignalSchema } from "../../../gen/satoshigle/v1/signal_pb.js";
import { SendRequestSchema } from "../../../gen/satoshigle/v1/signaling_pb.js";
import type { Closer } from "./closing.js";
import { RawClient } from "./raw-client.js";
import { type RedisMeter, startRedis } from "./meter.js";
import { candidate, sdp } from "./payloads.js";
import { MeasuredProcess } from "./process.js";
import { type Batch, failure, type Kind, type Line, type System, type Usage, usageOf } from "./system.js";

const AT_A_TIME = 16;

type SignalInit = MessageInitShape<typeof SignalSchema>;

const signals: Record<Kind, SignalInit> = {
  description: { kind: { case: "description", value: { type: Description_Type.OFFER, sdp, connectionId: "c" } } },
  candidate: { kind: { case: "candidate", value: candidate } },
};

/** The built server in production mode, with limits that one address does not reach. */
const variables = {
  NODE_ENV: "production",
  CHALLENGE: "off",
  HOST: "127.0.0.1",
  PORT: "0",
  INTERNAL_PORT: "0",
  CLIENT_URL: "http://localhost",
  REDIS_ENABLED: "true",
  SESSION_SECRET: "only-for-the-benchmark-on-loopback",
  MAX_CONNECTIONS_PER_IP: "10000",
  RATE_LIMIT_MAX_REQUESTS: "1000000",
  CONNECTION_TIMEOUT_MS: "300000",
  WIDEN_AFTER_MS: "600000",
};

/** Our server: senders on one instance, each with a partner on the other. */
export class Satoshigle implements System {
  readonly name = "Satoshigle";
  readonly failed: Promise<never>;
  lines: SendLine[] = [];
  #round = 0;

  private constructor(
    readonly meter: RedisMeter,
    private readonly processes: readonly MeasuredProcess[],
    private readonly senders: readonly RawClient[],
    private readonly receivers: readonly RawClient[],
    private readonly fault: ReturnType<typeof failure>,
  ) {
    this.failed = fault.failed;
    for (const client of [...senders, ...receivers]) client.onFailure = fault.fail;
  }

  static async start(pairs: number, later: (closer: Closer) => void): Promise<Satoshigle> {
    const { url, meter } = await startRedis(later);
    const start = () => MeasuredProcess.start(["dist/server/main.js"], { ...variables, REDIS_URL: url }, later);
    const processes = await Promise.all([start(), start()]);
    const crowds: RawClient[][] = [];
    for (const { port } of processes) {
      const clients: RawClient[] = [];
      while (clients.length < pairs) clients.push(await RawClient.open(port));
      crowds.push(clients);
    }
    const [senders = [], receivers = []] = crowds;
    return new Satoshigle(meter, processes, senders, receivers, failure());
  }

  /** Matches all clients of one instance with new partners on the other, as recent partners are avoided. */
  async match(): Promise<void> {
    const round = this.#round++;
    const pairs = this.senders.map((sender, index) => {
      const receiver = this.receivers[(index + round) % this.receivers.length] ?? sender;
      return { sender, receiver, wish: wishFor(`${String(round)}-${String(index)}`) };
    });
    const heard = pairs.map(({ sender, receiver }) => Promise.all([sender.next("matched"), receiver.next("matched")]));
    await this.#each(pairs, ({ receiver, wish }) => receiver.call("MatchService/Match", wish));
    await this.#each(pairs, ({ sender, wish }) => sender.call("MatchService/Match", wish));
    const matched = await this.#all(heard);
    this.lines = pairs.map(
      ({ sender, receiver }, index) =>
        new SendLine(sender, receiver, matched[index]?.[0].matchId ?? "", this.fault.fail),
    );
  }

  get pairs(): number {
    return this.senders.length;
  }

  /** All senders leave, and both sides are notified. */
  async leave(): Promise<void> {
    const ended = [...this.senders, ...this.receivers].map((client) => client.next("matchEnded"));
    await this.#each(this.senders, (sender) => sender.call("MatchService/Leave", new Uint8Array()));
    await this.#all(ended);
  }

  async prepare(): Promise<void> {
    await this.#each([...this.senders, ...this.receivers], (client) => client.connect());
  }

  usage(): Promise<Usage> {
    return usageOf(this.processes, this.meter);
  }

  /** Limits concurrency, as too many calls at once could exceed the server's Redis timeout on a busy machine. */
  async #each<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
    const left = items.values();
    const actInTurn = async () => {
      for (const item of left) await act(item);
    };
    await this.#all(Array.from({ length: AT_A_TIME }, actInTurn));
  }

  #all<T>(promises: readonly Promise<T>[]): Promise<T[]> {
    return Promise.race([Promise.all(promises), this.failed]);
  }
}

/** Makes each sender's calls sequentially, as the protocol requires; simultaneous signals share one. */
class SendLine implements Line {
  onArrival: () => void = () => undefined;
  readonly #requests = new Map<string, Buffer>();
  readonly #queue: Batch[] = [];
  /** How many signals each event contains. */
  readonly #underWay: number[] = [];
  #isCalling = false;
  #sequence = 0;

  constructor(
    private readonly sender: RawClient,
    receiver: RawClient,
    private readonly matchId: string,
    private readonly fail: (error: unknown) => void,
  ) {
    receiver.onSignal = () => {
      for (let left = this.#underWay.shift() ?? 1; left > 0; left--) this.onArrival();
    };
  }

  send(batch: Batch): void {
    this.#queue.push(batch);
    this.#underWay.push(batch.count);
    if (!this.#isCalling) void this.#callAll();
  }

  async #callAll(): Promise<void> {
    this.#isCalling = true;
    try {
      for (let batch = this.#queue.shift(); batch !== undefined; batch = this.#queue.shift()) {
        const request = this.#requestFor(batch);
        writeSequence(request, ++this.#sequence);
        await this.sender.write(request);
      }
    } catch (error) {
      this.fail(error);
    }
    this.#isCalling = false;
  }

  /** Prepared at its first use, except for the sequence. */
  #requestFor({ kind, count }: Batch): Buffer {
    const name = `${kind} ${String(count)}`;
    const known = this.#requests.get(name);
    if (known !== undefined) return known;
    const all = Array.from({ length: count }, () => signals[kind]);
    const request = requestOf(this.sender, this.matchId, all);
    this.#requests.set(name, request);
    return request;
  }
}

/** Tag and maximum length of `client_sequence`, so that the rest of a call can be prepared once. */
const [SEQUENCE_TAG, SEQUENCE_BYTES] = [0x10, 5];

function requestOf(sender: RawClient, matchId: string, all: SignalInit[]): Buffer {
  const message = toBinary(SendRequestSchema, create(SendRequestSchema, { matchId, signals: all }));
  const body = Buffer.concat([message, Buffer.of(SEQUENCE_TAG), Buffer.alloc(SEQUENCE_BYTES)]);
  return Buffer.concat([sender.head("SignalService/Send", body.length), body]);
}

/** The sequence at the end of a request, as a varint of full length. */
function writeSequence(request: Buffer, sequence: number): void {
  const start = request.length - SEQUENCE_BYTES;
  for (let index = 0; index < SEQUENCE_BYTES; index++) {
    const isLast = index === SEQUENCE_BYTES - 1;
    request[start + index] = ((sequence >>> (7 * index)) & 0x7f) | (isLast ? 0 : 0x80);
  }
}

function wishFor(interest: string): Uint8Array {
  return toBinary(MatchRequestSchema, create(MatchRequestSchema, { preferences: { interests: [interest] } }));
}
