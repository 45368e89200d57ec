/** How a stream of events began. */
export type StreamBeginning =
  | { state: "open"; firstEventMs: number; heldMs: number }
  /** The head arrived, or nothing at all, and no event. */
  | { state: "held" }
  | { state: "refused"; status: number; text: string }
  /** What answers does not know the method. */
  | { state: "foreign" };

/** An empty message in an envelope: one byte of flags and four of length. */
const EMPTY_REQUEST = new Uint8Array(5);
const HEADER_BYTES = 5;
/** The flag of the last envelope of a stream, which contains an error if there was one. */
const END_FLAG = 2;

/**
 * Opens a stream as a page does, and closes it after its first event. The session that this creates is left idle, and ends
 * with the resume window.
 */
export async function openEventStream(url: string, origin: string, timeoutMs: number): Promise<StreamBeginning> {
  const closing = new AbortController();
  const timer = setTimeout(() => {
    closing.abort();
  }, timeoutMs);
  const startMs = performance.now();
  try {
    const headers = { "content-type": "application/connect+proto", "connect-protocol-version": "1", origin };
    const request = {
      method: "POST",
      headers,
      body: EMPTY_REQUEST,
      signal: closing.signal,
      redirect: "manual",
    } as const;
    const response = await fetch(url, request);
    if (!(response.headers.get("content-type") ?? "").startsWith("application/connect")) return await refusal(response);
    const headMs = performance.now();
    const [flags, text] = await firstEnvelope(response);
    if (flags === END_FLAG) return { state: "refused", status: response.status, text: messageIn(text) };
    return { state: "open", firstEventMs: performance.now() - startMs, heldMs: performance.now() - headMs };
  } catch (error) {
    if (closing.signal.aborted) return { state: "held" };
    throw error;
  } finally {
    clearTimeout(timer);
    closing.abort();
  }
}

async function refusal(response: Response): Promise<StreamBeginning> {
  const { status } = response;
  const text = await response.text();
  if (status === 404 || status === 405 || status < 400) return { state: "foreign" };
  return { state: "refused", status, text: `${String(status)} ${messageIn(text)}`.trim() };
}

/** @throws Error if the stream ends before */
async function firstEnvelope({ body }: Response): Promise<[flags: number | undefined, text: string]> {
  const reader = (body ?? new ReadableStream<Uint8Array>()).getReader();
  let bytes = Buffer.alloc(0);
  for (;;) {
    const { done, value } = (await reader.read()) as { done: boolean; value?: Uint8Array };
    if (done) throw new Error("the stream ended before its first event");
    bytes = Buffer.concat([bytes, value ?? new Uint8Array()]);
    const length = bytes.length < HEADER_BYTES ? Infinity : HEADER_BYTES + bytes.readUInt32BE(1);
    if (bytes.length >= length) return [bytes[0], bytes.subarray(HEADER_BYTES, length).toString("utf8")];
  }
}

/** The message of an error of the Connect protocol, or nothing. */
function messageIn(text: string): string {
  try {
    const { message, error } = JSON.parse(text) as { message?: string; error?: { message?: string } };
    return error?.message ?? message ?? "";
  } catch {
    return "";
  }
}
