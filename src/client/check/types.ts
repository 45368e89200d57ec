/** `warning`: it works, but not well; `unavailable`: it could not be tested, such as without a server or a device for it. */
export type CheckStatus = "ok" | "warning" | "failed" | "unavailable";

/** A part of `CheckResult` that describes a way to a server or a partner. */
export interface WayCheck {
  status: CheckStatus;
  /** The round trip, in milliseconds. Undefined: unknown. */
  roundTripMs?: number;
}

/** What `check` found. */
export interface CheckResult {
  /**
   * `good`: calls should connect and look fine; `limited`: some networks cannot be reached, or something is worth a look;
   * `bad`: calls will not connect.
   */
  verdict: "good" | "limited" | "bad";
  /** The connection to the server. */
  server: WayCheck;
  /** Whether the network lets this browser learn its public address, which direct calls need. */
  stun: WayCheck;
  /** Whether a call could be relayed, tested by a connection of this browser to itself through the relay. */
  turnUdp: WayCheck;
  turnTcp: WayCheck;
  turnTls: WayCheck;
  /** How much can be sent, measured through the relay; a lower bound. `unavailable` without a relay. */
  uplink: { status: CheckStatus; kilobitsPerSecond?: number };
  /** `warning`: no sound. `level` is the loudest sample, 0 to 1. `unavailable` without a microphone. */
  microphone: { status: CheckStatus; level?: number };
  /** `warning`: the picture is black. `failed`: there is none. `unavailable` without a camera. */
  camera: { status: CheckStatus };
}

export interface CheckOptions {
  /** The camera and microphone to test. Default: those given to `setMedia`. */
  media?: MediaStream | null;
}
