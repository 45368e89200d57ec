import { once } from "node:events";
import http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { SoakRecord } from "./record.js";

const CALL_MS = 5_000;
/** The longest pause before a call is repeated, in milliseconds. */
const PAUSE_MS = 500;

/** Makes unary calls, and repeats those that the server did not answer. */
export class Calls {
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: 256 });

  constructor(
    private readonly port: number,
    private readonly record: SoakRecord,
  ) {}

  /**
   * @param isNeeded whether the call is to be repeated
   * @returns the reason of a refusal; undefined if there is none, or the call is no longer needed
   */
  async call(token: string, method: string, body: Uint8Array, isNeeded: () => boolean): Promise<string | undefined> {
    for (;;) {
      const failure = await this.#try(token, method, body).catch((error: unknown) => nameOf(error));
      if (failure === undefined) return undefined;
      const reason = /"reason":\s*"(\w+)"/.exec(failure)?.[1];
      if (reason !== undefined && !/^5\d\d /.test(failure)) return reason;
      this.record.error(`${method.replace(/.*\//, "")}: ${failure.slice(0, 60)}`);
      if (!isNeeded()) return undefined;
      await sleep(PAUSE_MS * Math.random());
    }
  }

  close(): Promise<void> {
    this.#agent.destroy();
    return Promise.resolve();
  }

  /** @returns status and body of an answer other than 200 */
  async #try(token: string, method: string, body: Uint8Array): Promise<string | undefined> {
    const headers = {
      "content-type": "application/proto",
      "connect-protocol-version": "1",
      "content-length": String(body.length),
      authorization: `Bearer ${token}`,
    };
    const path = `/satoshigle.v1.${method}`;
    const place = { host: "127.0.0.1", port: this.port, path, method: "POST", headers, agent: this.#agent };
    const request = http.request({ ...place, timeout: CALL_MS }).on("timeout", () => {
      request.destroy(new Error("no answer"));
    });
    request.end(body);
    const [response] = (await once(request, "response")) as [http.IncomingMessage];
    let text = "";
    response.setEncoding("latin1").on("data", (chunk: string) => (text += chunk));
    await once(response, "end");
    return response.statusCode === 200 ? undefined : `${String(response.statusCode)} ${text}`;
  }
}

function nameOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
