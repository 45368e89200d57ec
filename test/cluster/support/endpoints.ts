import { type Client, Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import http from "node:http";
import { ErrorInfoSchema } from "../../../gen/google/rpc/error_details_pb.js";
import { MatchService } from "../../../gen/satoshigle/v1/matching_pb.js";
import { SignalService } from "../../../gen/satoshigle/v1/signaling_pb.js";

/** The services at one address. */
export interface Endpoint {
  url: string;
  signaling: Client<typeof SignalService>;
  matching: Client<typeof MatchService>;
}

/** The endpoints of a fleet, for streams and for calls. */
export class Endpoints {
  readonly #agent = new http.Agent({ keepAlive: true, keepAliveMsecs: 1000, timeout: 30_000 });
  readonly #streams: Endpoint[];
  readonly calls: readonly Endpoint[];
  #calling = 0;

  constructor(streamUrls: string[], callUrls: string[] = streamUrls) {
    this.#streams = streamUrls.map((url) => this.#open(url));
    this.calls = callUrls.map((url) => this.#open(url));
  }

  /** The endpoint of a stream, chosen by a number. */
  stream(index: number): Endpoint {
    return pick(this.#streams, index);
  }

  /** The endpoint of the next call, in turn. */
  call(): Endpoint {
    return pick(this.calls, this.#calling++);
  }

  close(): void {
    this.#agent.destroy();
  }

  #open(url: string): Endpoint {
    const baseUrl = url.replace("localhost", "127.0.0.1");
    const transport = createConnectTransport({ baseUrl, httpVersion: "1.1", nodeOptions: { agent: this.#agent } });
    return {
      url,
      signaling: createClient(SignalService, transport),
      matching: createClient(MatchService, transport),
    };
  }
}

function pick<T>(list: readonly T[], index: number): T {
  const one = list[index % list.length];
  if (one === undefined) throw new Error("no endpoints");
  return one;
}

/** The reason of a refusal; undefined if the call may be repeated. */
export function refusalReason(error: unknown): string | undefined {
  const connectError = ConnectError.from(error);
  const [info] = connectError.findDetails(ErrorInfoSchema);
  if (info?.reason === "STORE_AWAY" || info?.reason === "DRAINING") return undefined;
  if (info !== undefined) return info.reason;
  return connectError.code === Code.InvalidArgument ? connectError.message : undefined;
}
