import { promisify } from "node:util";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

/** A method of a grpc-js client that was generated from a `.proto`, without our code. */
type Method = (request: object, ...rest: unknown[]) => grpc.ClientReadableStream<Message>;
/** A message of grpc-js: enums by name, 64-bit integers as numbers, unset fields with their defaults. */
export type Message = Record<string, unknown>;

const options = { longs: Number, enums: String, oneofs: true, defaults: true };
const internal = (name: string) =>
  loadSync(`satoshigle/internal/v1/${name}.proto`, { ...options, includeDirs: ["proto"] });
const definitions = {
  "satoshigle.internal.v1.MonitoringService": internal("monitoring"),
  "satoshigle.internal.v1.ModerationService": internal("moderation"),
  "satoshigle.internal.v1.ActionService": internal("action"),
  "satoshigle.internal.v1.DepositReviewService": internal("deposit"),
  "satoshigle.internal.v1.PaymentService": internal("payment"),
  "satoshigle.internal.v1.ChannelService": internal("channel"),
  "satoshigle.internal.v1.PeopleService": internal("people"),
  "satoshigle.internal.v1.EventService": internal("event_log"),
  "satoshigle.internal.v1.AdminService": internal("admin"),
  "satoshigle.internal.v1.TransparencyService": internal("transparency"),
  "grpc.health.v1.Health": loadSync("node_modules/grpc-health-check/proto/health/v1/health.proto", options),
};

export type ServiceName = keyof typeof definitions;

/** Calls a service over gRPC with grpc-js. */
export class GrpcClient {
  readonly #client: grpc.Client & Record<string, Method>;

  /** @param tls the trusted certificate and the client's own; none for cleartext */
  constructor(service: ServiceName, url: string, tls?: { ca: string; cert?: string; key?: string }) {
    const pem = (text?: string) => (text === undefined ? null : Buffer.from(text));
    const credentials =
      tls === undefined
        ? grpc.credentials.createInsecure()
        : grpc.credentials.createSsl(pem(tls.ca), pem(tls.key), pem(tls.cert));
    const definition = definitions[service][service] as grpc.ServiceDefinition;
    const Client = grpc.makeClientConstructor(definition, service);
    this.#client = new Client(new URL(url).host, credentials) as unknown as grpc.Client & Record<string, Method>;
  }

  call(method: string, request: object = {}): Promise<Message> {
    const deadline = { deadline: Date.now() + 20_000 };
    const made = this.#client[method]?.bind(this.#client) as unknown as (
      request: object,
      options: object,
      done: (error: Error | null, answer: Message) => void,
    ) => void;
    return promisify(made)(request, deadline);
  }

  /** The first `count` messages of a stream, which is then canceled. */
  async take(method: string, request: object, count: number): Promise<Message[]> {
    const stream = this.#client[method]?.call(this.#client, request);
    if (stream === undefined) throw new Error(`no method ${method}`);
    const messages: Message[] = [];
    for await (const message of stream) {
      messages.push(message as Message);
      if (messages.length === count) break;
    }
    return messages;
  }

  close(): void {
    this.#client.close();
  }
}
