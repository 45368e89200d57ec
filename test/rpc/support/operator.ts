import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { Client, type ClientReadableStream, credentials, type ServiceError, status } from "@grpc/grpc-js";
import { ModerationService, type WatchReportsResponse } from "../../../gen/satoshigle/internal/v1/moderation_pb.js";

const { method: methods, typeName } = ModerationService;
type Methods = typeof methods;
type Unary = Exclude<keyof Methods, "watchReports" | "watchCases">;

/** How a call was refused. */
export interface Refused {
  code: keyof typeof status;
  message: string;
}

/** An operator, with grpc-js. */
export class Operator {
  readonly #client: Client;

  constructor(internalPort: number) {
    this.#client = new Client(`127.0.0.1:${String(internalPort)}`, credentials.createInsecure());
  }

  close(): void {
    this.#client.close();
  }

  call<M extends Unary>(
    name: M,
    request: MessageInitShape<Methods[M]["input"]>,
  ): Promise<MessageShape<Methods[M]["output"]>> {
    const { input, output, name: path } = methods[name];
    return new Promise((resolve, reject) => {
      const done = (error: ServiceError | null, answer?: MessageShape<Methods[M]["output"]>) => {
        if (answer !== undefined) resolve(answer);
        else reject(error ?? new Error("there was neither an answer nor an error"));
      };
      const message = create(input as DescMessage, request as never);
      const read = (bytes: Buffer) => fromBinary(output as DescMessage, bytes) as never;
      this.#client.makeUnaryRequest(`/${typeName}/${path}`, (m) => bytesOf(input, m), read, message, done);
    });
  }

  async refusal<M extends Unary>(name: M, request: MessageInitShape<Methods[M]["input"]>): Promise<Refused> {
    return refused(
      await this.call(name, request).then(
        () => undefined,
        (error: unknown) => error,
      ),
    );
  }

  /** Streams the reports after a cursor; `cancel` ends the stream. */
  watch(cursor = ""): ClientReadableStream<WatchReportsResponse> {
    const { input, output, name } = methods.watchReports;
    const message = create(input, { cursor });
    const read = (bytes: Buffer) => fromBinary(output, bytes);
    const call = this.#client.makeServerStreamRequest(`/${typeName}/${name}`, (m) => bytesOf(input, m), read, message);
    return call.on("error", () => undefined); // it is canceled, or the test checks its end
  }

  /** The next `count` reports after a cursor. */
  async watched(count: number, cursor = ""): Promise<WatchReportsResponse[]> {
    const call = this.watch(cursor);
    const came: WatchReportsResponse[] = [];
    for await (const response of call as AsyncIterable<WatchReportsResponse>) {
      came.push(response);
      if (came.length === count) break;
    }
    call.cancel();
    return came;
  }

  async watchRefusal(cursor: string): Promise<Refused> {
    const call = this.watch(cursor);
    return refused(await new Promise((resolve) => call.on("error", resolve).resume()));
  }
}

function bytesOf(desc: DescMessage, message: unknown): Buffer {
  return Buffer.from(toBinary(desc, message as MessageShape<DescMessage>));
}

function refused(error: unknown): Refused {
  const { code, details } = error as ServiceError;
  return { code: status[code] as keyof typeof status, message: details };
}
