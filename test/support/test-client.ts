import type { DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import { type CallOptions, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import type { Welcome } from "../../gen/satoshigle/v1/event_pb.js";
import {
  MatchService,
  type MatchRequestSchema,
  type ReportRequestSchema,
} from "../../gen/satoshigle/v1/matching_pb.js";
import {
  type ReportProblemRequest_Problem,
  type SendRequestSchema,
  type SignalResponse,
  SignalService,
} from "../../gen/satoshigle/v1/signaling_pb.js";
import {
  type CancelTipRequestSchema,
  type ConfirmReceiptRequestSchema,
  type ConfirmTipRequestSchema,
  type OfferTipRequestSchema,
  type SendInvoiceRequestSchema,
  TipService,
} from "../../gen/satoshigle/v1/tipping_pb.js";
import { DepositService } from "../../gen/satoshigle/v1/deposit_pb.js";
import { PATIENCE_MS } from "./patience.js";

export type StreamEvent = Exclude<SignalResponse["event"], { case: undefined }>;
export type EventCase = StreamEvent["case"];
export type EventOf<C extends EventCase> = Extract<StreamEvent, { case: C }>["value"];

/** What to resume: the token, and the fields of `SignalRequest`. */
export interface Resume {
  token?: string;
  epoch?: string;
  lastSequence?: number;
  identityToken?: string;
  deviceKey?: string;
  automatic?: boolean;
  proof?: string;
}

/** How long an event may take to arrive before the test fails, in milliseconds. */

/** The transport of most tests: Connect over HTTP/1.1, with a connection for each stream. */
export function transportTo(url: string): Transport {
  return createConnectTransport({ baseUrl: url, httpVersion: "1.1" });
}

/** A client without retries: one stream, and the calls of its session. */
export class TestClient {
  /** The sequence of the last event that was read. */
  lastSequence = 0;
  /** Resolves at the end of the stream, with its error if any. */
  readonly ended: Promise<unknown>;
  readonly #abort = new AbortController();
  readonly #unseen: SignalResponse[] = [];
  #wake: (() => void) | undefined;
  #over = false;
  #welcome: Welcome | undefined;
  #token: string | undefined;

  private constructor(
    readonly transport: Transport,
    { token, epoch = "", lastSequence = 0, ...fields }: Resume,
  ) {
    this.#token = token;
    const options = { ...this.#options, signal: this.#abort.signal };
    const stream = createClient(SignalService, transport).signal({ epoch, lastSequence, ...fields }, options);
    this.ended = this.#read(stream).finally(() => {
      this.#over = true;
      this.#wake?.();
    });
  }

  /** Opens a stream and waits for its first event, which must be Welcome. */
  static async open(transport: Transport, resume: Resume = {}, patienceMs?: number): Promise<TestClient> {
    const person = new TestClient(transport, resume);
    try {
      const first = await person.nextOrEnd(patienceMs);
      if (first === undefined) {
        const error = await person.ended;
        throw error instanceof Error ? error : new Error("the stream ended before its first event");
      }
      if (first.event.case !== "welcome") throw new Error(`the stream began with ${String(first.event.case)}`);
      person.#welcome = first.event.value;
    } catch (error) {
      person.#abort.abort();
      throw error;
    }
    person.#token = person.welcome.token;
    person.lastSequence = person.welcome.lastSequence;
    return person;
  }

  get welcome(): Welcome {
    if (this.#welcome === undefined) throw new Error("there was no Welcome");
    return this.#welcome;
  }

  /** What resumes this session after the last event that was read. */
  get resume(): Required<Pick<Resume, "token" | "epoch" | "lastSequence">> {
    return { token: this.welcome.token, epoch: this.welcome.epoch, lastSequence: this.lastSequence };
  }

  /** The next message of any kind; undefined at the end of the stream. */
  async nextOrEnd(patienceMs = PATIENCE_MS): Promise<SignalResponse | undefined> {
    if (this.#unseen.length === 0 && !this.#over) await this.#arrival(patienceMs);
    const message = this.#unseen.shift();
    if (message !== undefined && message.sequence > 0) this.lastSequence = message.sequence;
    return message;
  }

  /** The next event other than a heartbeat. */
  async next(): Promise<SignalResponse & { event: StreamEvent }> {
    for (;;) {
      const message = await this.nextOrEnd();
      if (message?.event.case === undefined) throw new Error("the stream has ended", { cause: await this.ended });
      if (message.event.case !== "heartbeat") return message as SignalResponse & { event: StreamEvent };
    }
  }

  /** The next event of a kind; events before it are skipped. */
  async until<C extends EventCase>(kind: C, patienceMs?: number): Promise<EventOf<C>> {
    for (;;) {
      const message = await this.nextOrEnd(patienceMs);
      if (message === undefined) throw new Error(`the stream ended before ${kind}`, { cause: await this.ended });
      if (message.event.case === kind) return message.event.value as EventOf<C>;
    }
  }

  /** All further events until the stream ends, without heartbeats. */
  async rest(): Promise<StreamEvent[]> {
    const rest: StreamEvent[] = [];
    for (let message = await this.nextOrEnd(); message !== undefined; message = await this.nextOrEnd()) {
      if (message.event.case !== undefined && message.event.case !== "heartbeat") rest.push(message.event);
    }
    return rest;
  }

  /** Breaks the stream like a lost connection. */
  async break(): Promise<void> {
    this.#abort.abort();
    await this.ended;
  }

  match(request: MessageInitShape<typeof MatchRequestSchema> = {}): Promise<unknown> {
    return this.#matching.match(request, this.#options);
  }

  leave(): Promise<unknown> {
    return this.#matching.leave({}, this.#options);
  }

  report(request: MessageInitShape<typeof ReportRequestSchema>): Promise<unknown> {
    return this.#matching.report(request, this.#options);
  }

  send(request: MessageInitShape<typeof SendRequestSchema>): Promise<unknown> {
    return createClient(SignalService, this.transport).send(request, this.#options);
  }

  /** Says that the page of a stream is about to go; of this one unless told otherwise. */
  goodbye(streamId = this.welcome.streamId): Promise<unknown> {
    return createClient(SignalService, this.transport).goodbye({ streamId }, this.#options);
  }

  getIceServers() {
    return createClient(SignalService, this.transport).getIceServers({}, this.#options);
  }

  reportProblem(problem: ReportProblemRequest_Problem): Promise<unknown> {
    return createClient(SignalService, this.transport).reportProblem({ problem }, this.#options);
  }

  /** The calls of `DepositService`. */
  get deposits() {
    const [client, options] = [createClient(DepositService, this.transport), this.#options];
    return {
      request: async () => (await client.requestDeposit({}, options)).deposit,
      get: async () => (await client.getDeposit({}, options)).deposit,
    };
  }

  /** The calls of `TipService`. */
  get tips() {
    return this.tipsOn(this.transport);
  }

  /** The same, over another transport. */
  tipsOn(transport: Transport) {
    const [client, options] = [createClient(TipService, transport), this.#options];
    type Init<Schema extends DescMessage> = MessageInitShape<Schema>;
    return {
      offer: (request: Init<typeof OfferTipRequestSchema>) => client.offerTip(request, options),
      sendInvoice: (request: Init<typeof SendInvoiceRequestSchema>) => client.sendInvoice(request, options),
      confirm: (request: Init<typeof ConfirmTipRequestSchema>) => client.confirmTip(request, options),
      confirmReceipt: (request: Init<typeof ConfirmReceiptRequestSchema>) => client.confirmReceipt(request, options),
      cancel: (request: Init<typeof CancelTipRequestSchema>) => client.cancelTip(request, options),
    };
  }

  get #matching() {
    return createClient(MatchService, this.transport);
  }

  get #options(): CallOptions {
    return this.#token === undefined ? {} : { headers: { authorization: `Bearer ${this.#token}` } };
  }

  async #read(stream: AsyncIterable<SignalResponse>): Promise<unknown> {
    try {
      for await (const message of stream) {
        this.#unseen.push(message);
        this.#wake?.();
      }
      return undefined;
    } catch (error) {
      return error;
    }
  }

  async #arrival(patienceMs: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(reject, patienceMs, new Error(`nothing arrived in ${String(patienceMs)} ms`));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }
}
