import {
  create,
  fromBinary,
  toBinary,
  type DescMessage,
  type DescMethod,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import { readEnvelopes, toEnvelope, type Bytes } from "./envelopes.js";
import { errorFromEnd, errorFromResponse } from "./response-errors.js";

const UNARY_TYPE = "application/proto";
const STREAM_TYPE = "application/connect+proto";
/** The flags of an envelope: its content is compressed, or is the end of the stream, as JSON. */
const [COMPRESSED_FLAG, END_FLAG] = [1, 2];

interface Call {
  contentType: string;
  headers: HeadersInit | undefined;
  body: Bytes;
  signal: AbortSignal | undefined;
  timeoutMs?: number | undefined;
}

/**
 * The Connect protocol in its binary form over `fetch`: unary calls, and streams from the server, which have no
 * deadline. Much smaller than the library's transport for browsers, which also supports JSON, GET and interceptors.
 */
export function createTransport(baseUrl: string, fetchWith?: typeof fetch): Transport {
  const post = (method: DescMethod, call: Call) =>
    send(`${baseUrl}/${method.parent.typeName}/${method.name}`, call, fetchWith);
  return {
    async unary(method, signal, timeoutMs, headers, input) {
      const body = toBinary(method.input, create(method.input, input));
      return withDeadline(signal, timeoutMs, async (limited) => {
        const call = { contentType: UNARY_TYPE, headers, body, signal: limited, timeoutMs };
        const response = await post(method, call);
        const message = decode(method.output, new Uint8Array(await response.arrayBuffer()));
        const { headers: header } = response;
        return { stream: false, service: method.parent, method, header, trailer: new Headers(), message };
      });
    },

    async stream(method, signal, _timeoutMs, headers, inputs) {
      const { value } = (await inputs[Symbol.asyncIterator]().next()) as {
        value: MessageInitShape<typeof method.input>;
      };
      const body = toEnvelope(toBinary(method.input, create(method.input, value)));
      const { headers: header, body: content } = await post(method, {
        contentType: STREAM_TYPE,
        headers,
        body,
        signal,
      });
      const message = readMessages(method.output, content);
      return { stream: true, service: method.parent, method, header, trailer: new Headers(), message };
    },
  };
}

async function send(
  url: string,
  { contentType, headers, body, signal, timeoutMs }: Call,
  fetchWith: typeof fetch = fetch,
): Promise<Response> {
  const all = new Headers(headers);
  all.set("content-type", contentType);
  all.set("connect-protocol-version", "1");
  if (timeoutMs !== undefined) all.set("connect-timeout-ms", String(timeoutMs));
  const response = await fetchWith(url, {
    method: "POST",
    redirect: "error",
    headers: all,
    body,
    signal: signal ?? null,
  });
  if (response.status !== 200) throw await errorFromResponse(response);
  const type = response.headers.get("content-type");
  // Another server, such as a captive portal, answers what it likes.
  if (type !== contentType) throw new ConnectError(type ?? "", Code.Unknown);
  return response;
}

/** Reads the messages of a stream. Ends with the error that the server has sent, if any. */
async function* readMessages<O extends DescMessage>(
  schema: O,
  body: ReadableStream<Bytes> | null,
): AsyncGenerator<MessageShape<O>> {
  if (!body) throw new ConnectError("empty", Code.Unknown);
  for await (const { flags, content } of readEnvelopes(body)) {
    if (flags & COMPRESSED_FLAG) throw new ConnectError("compressed", Code.Internal);
    if (flags & END_FLAG) {
      const error = errorFromEnd(content);
      if (error) throw error;
      return;
    }
    yield decode(schema, content);
  }
  throw new ConnectError("cut off", Code.Unknown);
}

function decode<O extends DescMessage>(schema: O, bytes: Bytes): MessageShape<O> {
  try {
    return fromBinary(schema, bytes);
  } catch (error) {
    throw new ConnectError("undecodable", Code.Internal, undefined, undefined, error);
  }
}

/** Aborts `act` at the deadline, or with `signal`, and then rejects with the reason instead of the browser's error. */
async function withDeadline<T>(
  signal: AbortSignal | undefined,
  timeoutMs: number | undefined,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  const onAbort = (): void => abort.abort(signal?.reason);
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort);
  const timedOut = new ConnectError("timed out", Code.DeadlineExceeded);
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => abort.abort(timedOut), timeoutMs);
  try {
    return await act(abort.signal);
  } catch (error) {
    throw abort.signal.aborted ? ConnectError.from(abort.signal.reason, Code.Canceled) : error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}
