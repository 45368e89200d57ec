const HEAD_END = Buffer.from("\r\n\r\n");
const LINE_END = Buffer.from("\r\n");
const ENVELOPE_BYTES = 5;
/** Flag of the last envelope of a stream, which contains its status. */
const LAST_FLAG = 2;

export interface StreamHandlers {
  /** The stream was accepted; what follows may take a while. */
  head(): void;
  message(message: Buffer): void;
  /** The server ended or refused the stream, with this status in JSON. */
  ended(status: Buffer): void;
}

/** Reads the response of a stream over HTTP/1.1, with as little work as possible. */
export class StreamReader {
  #isHead = true;
  #rest: Buffer = Buffer.alloc(0);
  #content: Buffer = Buffer.alloc(0);

  constructor(private readonly handlers: StreamHandlers) {}

  read(bytes: Buffer): void {
    this.#rest = join(this.#rest, bytes);
    if (this.#isHead && !this.#passHead()) return;
    for (let chunk = this.#nextChunk(); chunk !== undefined; chunk = this.#nextChunk()) {
      this.#content = join(this.#content, chunk);
      this.#readEnvelopes();
    }
  }

  /** Returns whether the head is complete. */
  #passHead(): boolean {
    const end = this.#rest.indexOf(HEAD_END);
    if (end < 0) return false;
    const head = this.#rest.toString("latin1", 0, end);
    if (!head.startsWith("HTTP/1.1 200 ")) {
      this.handlers.ended(Buffer.from(JSON.stringify({ error: { code: "unknown", message: head } })));
      return false;
    }
    this.#isHead = false;
    this.#rest = this.#rest.subarray(end + HEAD_END.length);
    if (this.#rest.length === 0) this.handlers.head();
    return true;
  }

  #nextChunk(): Buffer | undefined {
    const lineEnd = this.#rest.indexOf(LINE_END);
    if (lineEnd < 0) return undefined;
    const start = lineEnd + LINE_END.length;
    const end = start + Number.parseInt(this.#rest.toString("latin1", 0, lineEnd), 16);
    if (this.#rest.length < end + LINE_END.length || end === start) return undefined;
    const chunk = this.#rest.subarray(start, end);
    this.#rest = this.#rest.subarray(end + LINE_END.length);
    return chunk;
  }

  #readEnvelopes(): void {
    while (this.#content.length >= ENVELOPE_BYTES) {
      const end = ENVELOPE_BYTES + this.#content.readUInt32BE(1);
      if (this.#content.length < end) return;
      const body = this.#content.subarray(ENVELOPE_BYTES, end);
      if (this.#content[0] === LAST_FLAG) this.handlers.ended(body);
      else this.handlers.message(body);
      this.#content = this.#content.subarray(end);
    }
  }
}

function join(rest: Buffer, bytes: Buffer): Buffer {
  return rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
}
