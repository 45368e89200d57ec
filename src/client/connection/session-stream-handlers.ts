import type { SatoshigleError } from "../errors.js";
import type { Welcome } from "../gen/satoshigle/v1/event_pb.js";
import type { SignalResponse } from "../gen/satoshigle/v1/signaling_pb.js";
import type { Connection } from "../types.js";

/** What the stream of a session tells its client. */
export interface SessionStreamHandlers {
  connection(connection: Connection): void;
  /** `fresh`: events were skipped, so the snapshot must be applied. */
  welcome(welcome: Welcome, fresh: boolean): void;
  /** Each sequenced event, once and in order. */
  event(response: SignalResponse): void;
  /** An error that people should see; the stream keeps reconnecting. */
  problem(error: SatoshigleError): void;
  /** The stream ended for good. */
  stopped(error: SatoshigleError): void;
  /** The browser's connections to the server may be dead. */
  renewConnections(): void;
}
