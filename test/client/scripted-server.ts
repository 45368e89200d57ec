import { create, type Message, type MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  Code,
  ConnectError,
  createRouterTransport,
  type HandlerContext,
  type Interceptor,
  type Transport,
} from "@connectrpc/connect";
import { vi } from "vitest";
import { RetryInfoSchema } from "../../gen/google/rpc/error_details_pb.js";
import { AnswerService } from "../../gen/satoshigle/v1/answer_pb.js";
import { WarningService } from "../../gen/satoshigle/v1/warning_pb.js";
import type { SnapshotSchema, WelcomeSchema } from "../../gen/satoshigle/v1/event_pb.js";
import { MatchService, type MatchRequest, type ReportRequest } from "../../gen/satoshigle/v1/matching_pb.js";
import type { IceTransportPolicy } from "../../gen/satoshigle/v1/signal_pb.js";
import {
  type GetIceServersResponseSchema,
  type ReportProblemRequest_Problem,
  SignalResponseSchema,
  SignalService,
  type SendRequest,
  type SignalRequest,
  type SignalResponse,
} from "../../gen/satoshigle/v1/signaling_pb.js";
import {
  TipService,
  type CancelTipRequest,
  type ConfirmTipRequest,
  type OfferTipRequest,
  type SendInvoiceRequest,
} from "../../gen/satoshigle/v1/tipping_pb.js";

type EventInit = NonNullable<MessageInitShape<typeof SignalResponseSchema>["event"]>;

interface WelcomeInit extends Pick<
  MessageInitShape<typeof WelcomeSchema>,
  "tips" | "lightningNetwork" | "limits" | "attributes" | "modeLimit"
> {
  sessionId?: string;
  token?: string;
  epoch?: string;
  resumed?: boolean;
  lastSequence?: number;
  iceTransportPolicy?: IceTransportPolicy;
  relayAvailable?: boolean;
  snapshot?: MessageInitShape<typeof SnapshotSchema>;
}

/** A stream on the server, over which the test sends events. */
export class ServerStream {
  sequence = 0;
  /** Whether the client has cancelled it. */
  aborted = false;
  readonly #queue: (SignalResponse | Error | undefined)[] = [];
  #wake: () => void = () => undefined;

  constructor(
    readonly request: SignalRequest,
    readonly token: string | null,
    readonly number: number,
    context: HandlerContext,
    private readonly clockAheadMs: number,
  ) {
    context.signal.addEventListener("abort", () => {
      this.aborted = true;
      this.#wake();
    });
  }

  async *responses(): AsyncGenerator<SignalResponse> {
    for (;;) {
      while (this.#queue.length > 0) {
        const next = this.#queue.shift();
        if (next === undefined) return;
        if (next instanceof Error) throw next;
        yield next;
      }
      if (this.aborted) return;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Sends Welcome, by default for a new, idle session. */
  async welcome(more: WelcomeInit = {}): Promise<void> {
    this.sequence = more.lastSequence ?? 0;
    const value = {
      sessionId: "anna",
      token: "secret",
      epoch: "e1",
      streamId: String(this.number),
      heartbeatInterval: durationFromMs(15_000),
      snapshot: { state: { case: "idle" as const, value: {} } },
      ...more,
    };
    await this.control({ case: "welcome", value });
  }

  /** Sends an event with the next sequence. */
  async event(event: EventInit): Promise<void> {
    await this.raw(++this.sequence, event);
  }

  /** Sends an event that is never replayed, with the server's time, and over how long clients are to come back. */
  async control(event: EventInit, reconnectWithinMs?: number): Promise<void> {
    const serverTime = timestampFromMs(Date.now() + this.clockAheadMs);
    const reconnectWithin = reconnectWithinMs === undefined ? undefined : durationFromMs(reconnectWithinMs);
    await this.send(create(SignalResponseSchema, { sequence: 0, event, serverTime, reconnectWithin }));
  }

  async raw(sequence: number, event: EventInit): Promise<void> {
    await this.send(create(SignalResponseSchema, { sequence, event }));
  }

  async send(response: SignalResponse): Promise<void> {
    await this.#push(response);
  }

  async end(): Promise<void> {
    await this.#push(undefined);
  }

  async fail(error: Error): Promise<void> {
    await this.#push(error);
  }

  async #push(item: SignalResponse | Error | undefined): Promise<void> {
    this.#queue.push(item);
    this.#wake();
    await settle();
  }
}

/** The services in this process. The test drives the streams; unary calls succeed by default. */
export class ScriptedServer {
  readonly transport: Transport;
  readonly streams: ServerStream[] = [];
  /** The name and token of every unary call, in order. */
  readonly calls: { name: string; token: string | null }[] = [];
  readonly matches: MatchRequest[] = [];
  readonly reports: ReportRequest[] = [];
  readonly problems: ReportProblemRequest_Problem[] = [];
  readonly sends: SendRequest[] = [];
  readonly goodbyes: string[] = [];
  readonly offers: OfferTipRequest[] = [];
  readonly invoices: SendInvoiceRequest[] = [];
  readonly proofs: ConfirmTipRequest[] = [];
  readonly cancels: CancelTipRequest[] = [];
  /** IDs of the tips whose receipt was confirmed. */
  readonly receipts: string[] = [];
  /** The IDs in each call that acknowledged answers to reports, or a warning. */
  readonly acknowledged: string[][] = [];
  /** Runs before a call is acknowledged; may throw or wait. */
  onCall: (name: string) => Promise<void> | void = () => undefined;
  /** Runs before a stream opens; may throw or wait. */
  onStream: (() => void) | undefined;
  /** How far the server's clock is ahead of the client's, for the streams that open from now on. */
  clockAheadMs = 0;
  /** Whether the head of a stream arrives at once. By default it arrives with the first event, as from the real server. */
  sendsHeadFirst = false;

  constructor() {
    const interceptors = [this.#answerEarly];
    this.transport = createRouterTransport(
      (router) => {
        router.service(SignalService, {
          signal: (request, context) => this.#signal(request, context),
          getIceServers: (_, context) => this.#getIceServers(context),
          reportProblem: ({ problem }, context) =>
            this.#call("reportProblem", context, () => this.problems.push(problem)),
          goodbye: (request, context) => this.#call("goodbye", context, () => this.goodbyes.push(request.streamId)),
          send: (request, context) => this.#call("send", context, () => this.sends.push(request)),
        });
        router.service(MatchService, {
          match: (request, context) => this.#call("match", context, () => this.matches.push(request)),
          leave: (_, context) => this.#call("leave", context, () => undefined),
          report: (request, context) => this.#call("report", context, () => this.reports.push(request)),
        });
        router.service(AnswerService, {
          acknowledgeReports: ({ reportIds }, context) =>
            this.#call("acknowledgeReports", context, () => this.acknowledged.push(reportIds)),
        });
        router.service(WarningService, {
          acknowledgeWarning: ({ actionId }, context) =>
            this.#call("acknowledgeWarning", context, () => this.acknowledged.push([actionId])),
        });
        router.service(TipService, {
          offerTip: (request, context) => this.#call("offerTip", context, () => this.offers.push(request)),
          sendInvoice: (request, context) => this.#call("sendInvoice", context, () => this.invoices.push(request)),
          confirmTip: (request, context) => this.#call("confirmTip", context, () => this.proofs.push(request)),
          confirmReceipt: ({ tipId }, context) =>
            this.#call("confirmReceipt", context, () => this.receipts.push(tipId)),
          cancelTip: (request, context) => this.#call("cancelTip", context, () => this.cancels.push(request)),
        });
      },
      { transport: { interceptors } },
    );
  }

  readonly #answerEarly: Interceptor = (next) => async (request) => {
    if (!request.stream || !this.sendsHeadFirst) return next(request);
    const { service, method } = request;
    const [header, trailer] = [new Headers(), new Headers()];
    return { stream: true, service, method, header, trailer, message: messagesOf(next(request)) };
  };

  /** The newest stream. */
  get stream(): ServerStream {
    const stream = this.streams.at(-1);
    if (!stream) throw new Error("no stream was opened");
    return stream;
  }

  get names(): string[] {
    return this.calls.map((call) => call.name);
  }

  async *#signal(request: SignalRequest, context: HandlerContext): AsyncGenerator<SignalResponse> {
    const stream = new ServerStream(
      request,
      context.requestHeader.get("authorization"),
      this.streams.length + 1,
      context,
      this.clockAheadMs,
    );
    this.streams.push(stream);
    this.onStream?.();
    yield* stream.responses();
  }

  async #getIceServers(context: HandlerContext): Promise<MessageInitShape<typeof GetIceServersResponseSchema>> {
    await this.#call("getIceServers", context, () => undefined);
    return { iceServers: relayServers(`${String(this.calls.length)}:anna`) };
  }

  async #call(name: string, context: HandlerContext, record: () => void): Promise<object> {
    this.calls.push({ name, token: context.requestHeader.get("authorization") });
    record();
    await this.onCall(name);
    return {};
  }
}

async function* messagesOf(response: ReturnType<AnyFn>): AsyncGenerator<Message> {
  const { message } = await response;
  if (Symbol.asyncIterator in message) yield* message as AsyncIterable<Message>;
}

type AnyFn = Parameters<Interceptor>[0];

/** A relay with credentials for ten minutes. */
export function relayServers(username: string) {
  return [{ urls: ["turn:relay.test"], username, credential: "secret", lifetime: durationFromMs(600_000) }];
}

export const away = (): ConnectError => new ConnectError("the store is away", Code.Unavailable);

export const sessionOver = (): ConnectError => new ConnectError("this session is over", Code.Unauthenticated);

export function limitReached(retryAfterMs: number): ConnectError {
  const value = { retryDelay: durationFromMs(retryAfterMs) };
  return new ConnectError("too many calls", Code.ResourceExhausted, undefined, [{ desc: RetryInfoSchema, value }]);
}

export function snapshotOf(
  state: NonNullable<MessageInitShape<typeof SnapshotSchema>["state"]>,
): Pick<WelcomeInit, "snapshot"> {
  return { snapshot: { state } };
}

/** Runs everything that is due now. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 8; i++) await vi.advanceTimersByTimeAsync(0);
}

/** Advances the clock. */
export async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
  await settle();
}
