import type { DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import { type CallOptions, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import type { Welcome } from "../../gen/satoshigle/v1/event_pb.js";
import {
  MatchService,
  type MatchRequestSchema,
  type ReportRequestSchema,
} from "../../gen/satoshigle/v1/matching_pb.js";
import { type SendRequestSchema, type SignalResponse, SignalService } from "../../gen/satoshigle/v1/signaling_pb.js";
import {
  type CancelTipRequestSchema,
  type ConfirmTipRequestSchema,
  type OfferTipRequestSchema,
  type SendInvoiceRequestSchema,
  TipService,
} from "../../gen/satoshigle/v1/tipping_pb.js";

export type Happening = Exclude<SignalResponse["event"], { case: undefined }>;
export type Case = Happening["case"];
export type Of<C extends Case> = Extract<Happening, { case: C }>["value"];

/** What to resume, as `SignalRequest` and the token tell it. */
export interface Resume {
  token?: string;
  epoch?: string;
  lastSequence?: number;
}

/** How long an event may take to arrive before the test fails, in milliseconds. */
const PATIENCE_MS = 15_000;

/** The transport most tests use: Connect over HTTP/1.1, a connection for each stream. */
export function transportTo(url: string): Transport {
  return createConnectTransport({ baseUrl: url, httpVersion: "1.1" });
}

/** Somebody on the bare RPCs: a stream, and the calls of its session. */
export class Person {
  /** The sequence of the last event that was looked at. */
  lastSequence = 0;
  /** How the stream ended: with nothing, or with its error. */
  readonly ended: Promise<unknown>;
  readonly #abort = new AbortController();
  readonly #unseen: SignalResponse[] = [];
  #wake: (() => void) | undefined;
  #over = false;
  #welcome: Welcome | undefined;
  #token: string | undefined;

  private constructor(
    readonly transport: Transport,
    { token, epoch = "", lastSequence = 0 }: Resume,
  ) {
    this.#token = token;
    const options = { ...this.#options, signal: this.#abort.signal };
    const stream = createClient(SignalService, transport).signal({ epoch, lastSequence }, options);
    this.ended = this.#read(stream).finally(() => {
      this.#over = true;
      this.#wake?.();
    });
  }

  /** Opens a stream and waits for its first event, which is to be Welcome. */
  static async open(transport: Transport, resume: Resume = {}, patienceMs?: number): Promise<Person> {
    const person = new Person(transport, resume);
    try {
      const first = await person.nextOrEnd(patienceMs);
      if (first === undefined) {
        const error = await person.ended;
        throw error instanceof Error ? error : new Error("the stream ended before it said anything");
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
    if (this.#welcome === undefined) throw new Error("not welcomed");
    return this.#welcome;
  }

  /** What resumes this session after the last event that was looked at. */
  get resume(): Required<Resume> {
    return { token: this.welcome.token, epoch: this.welcome.epoch, lastSequence: this.lastSequence };
  }

  /** The next message whatever it is; undefined when the stream is over. */
  async nextOrEnd(patienceMs = PATIENCE_MS): Promise<SignalResponse | undefined> {
    if (this.#unseen.length === 0 && !this.#over) await this.#arrival(patienceMs);
    const message = this.#unseen.shift();
    if (message !== undefined && message.sequence > 0) this.lastSequence = message.sequence;
    return message;
  }

  /** The next event that is no heartbeat. */
  async next(): Promise<SignalResponse & { event: Happening }> {
    for (;;) {
      const message = await this.nextOrEnd();
      if (message?.event.case === undefined) throw new Error("the stream is over", { cause: await this.ended });
      if (message.event.case !== "heartbeat") return message as SignalResponse & { event: Happening };
    }
  }

  /** The next event of a kind; those before it are passed over. */
  async until<C extends Case>(kind: C, patienceMs?: number): Promise<Of<C>> {
    for (;;) {
      const message = await this.nextOrEnd(patienceMs);
      if (message === undefined) throw new Error(`the stream ended before ${kind}`, { cause: await this.ended });
      if (message.event.case === kind) return message.event.value as Of<C>;
    }
  }

  /** All that still comes until the stream ends, without heartbeats. */
  async rest(): Promise<Happening[]> {
    const rest: Happening[] = [];
    for (let message = await this.nextOrEnd(); message !== undefined; message = await this.nextOrEnd()) {
      if (message.event.case !== undefined && message.event.case !== "heartbeat") rest.push(message.event);
    }
    return rest;
  }

  /** Breaks the stream as a lost connection does; the server learns of it soon. */
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

  /** The calls of `TipService`. */
  get tips() {
    return this.tipsOn(this.transport);
  }

  /** The same, wherever they go. */
  tipsOn(transport: Transport) {
    const [client, options] = [createClient(TipService, transport), this.#options];
    type Init<Schema extends DescMessage> = MessageInitShape<Schema>;
    return {
      offer: (request: Init<typeof OfferTipRequestSchema>) => client.offerTip(request, options),
      sendInvoice: (request: Init<typeof SendInvoiceRequestSchema>) => client.sendInvoice(request, options),
      confirm: (request: Init<typeof ConfirmTipRequestSchema>) => client.confirmTip(request, options),
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
