import { createHash, createHmac } from "node:crypto";
import { eventRetention } from "../../core/event-retention.js";
import { createClient } from "./connect.js";
import { realmKey } from "./keys.js";

/** Version of the key layout. Instances with different versions must not share a realm. */
const SCHEMA = "5";

/** The field with which a realm says that its instances know guests, and which settings apply to the matches there. */
const GUESTS = "GUESTS";
/** Version of what instances of different realms must do alike. */
const GUEST_VERSION = "1";

/** Settings that all instances of a realm must share. */
export interface CommonGround {
  realm: string;
  sessionSecret: string;
  lightningNetwork: string;
  /** What determines the pools of a person. */
  matching: string;
}

const reasons: Record<string, string> = {
  SESSION_SECRET: "SESSION_SECRET differs from that of the running instances: they would reject its session tokens",
  LIGHTNING_NETWORK: "LIGHTNING_NETWORK differs from that of the running instances: they could not read its tips",
  MATCHING_FILE:
    "MATCHING_FILE has other attributes than that of the running instances: they would look in other pools",
  SCHEMA: "this version stores its data in a different format from the running instances",
  GUESTS: "it has no instances now, or other settings than when this instance joined it",
  STORED_SCHEMA: "the realm contains data of another version, which this version would misread",
};

/** What a realm says to those who visit it. */
export interface GuestTerms {
  handshakeMs: number;
  eventsMax: number;
  /** The same as one text. */
  text: string;
}

export type GuestSettings = Omit<GuestTerms, "text">;

/** The terms on which a node joins a realm. */
export interface Terms {
  /** Alternating names and values. */
  readonly pairs: readonly string[];
  /** Describes the problem and how to fix it. */
  explain(names: readonly string[]): string;
}

/** The name of a node that takes part in a realm for the guests of its own realm only: the scripts know the sign. */
export function visitorName(realm: string, node: string): string {
  return `@${realm}.${node}`;
}

/**
 * Reads the terms of a realm, so that a visitor's scripts apply its settings.
 * @throws Error if it has no instances, or cannot be read
 */
export async function readGuestTerms(urls: readonly string[], realm: string): Promise<GuestTerms> {
  const client = createClient(urls);
  let reason = "it does not answer";
  client.on("error", ({ message }: Error) => (reason = message));
  try {
    await client.connect().catch(() => {
      throw new Error(`its Redis cannot be reached: ${reason}`);
    });
    const text = (await client.hget(`${realmKey(realm)}:agreement`, GUESTS)) ?? "";
    const [version, handshakeMs, eventsMax] = text.split(" ");
    if (text === "") throw new Error("it has no instances, or none that knows guests");
    if (version !== GUEST_VERSION) throw new Error("its instances are of a version that treats guests differently");
    return { handshakeMs: Number(handshakeMs), eventsMax: Number(eventsMax), text };
  } finally {
    client.disconnect();
  }
}

/** The shared settings, as Redis stores them beside the leases. The secret is stored only as a fingerprint. */
export class Agreement implements Terms {
  readonly pairs: readonly string[];
  readonly #guests: readonly string[];

  /** @param settings what the realm says to those who visit it */
  constructor(
    private readonly ground: CommonGround,
    { handshakeMs, eventsMax }: GuestSettings = { handshakeMs: 20_000, eventsMax: eventRetention.max },
  ) {
    const { realm, sessionSecret, lightningNetwork, matching } = ground;
    const fingerprint = createHmac("sha256", sessionSecret).update(`satoshigle agreement ${realm}`).digest("base64url");
    const attributes = createHash("sha256").update(matching).digest("base64url");
    this.#guests = ["MATCHING_FILE", attributes, "SCHEMA", SCHEMA];
    this.pairs = [
      ...["SESSION_SECRET", fingerprint, "LIGHTNING_NETWORK", lightningNetwork],
      ...this.#guests,
      ...[GUESTS, [GUEST_VERSION, handshakeMs, eventsMax].join(" ")],
    ];
  }

  /** The terms of a visitor: people are paired and their sessions are stored alike there. */
  forGuests(realm: string, terms: string): Terms {
    const explain = (names: readonly string[]) =>
      names.map((name) => (reasons[name] ?? name).replace("the running instances", `those of ${realm}`)).join("; ");
    return { pairs: [...this.#guests, GUESTS, terms], explain };
  }

  explain(names: readonly string[]): string {
    const what = names.map((name) => reasons[name] ?? name).join("; ");
    const where = `${what} (REALM=${this.ground.realm}).`;
    if (names.includes("STORED_SCHEMA")) return `${where} Install that version, or start with another REALM`;
    return (
      `${where} Use the same values for all instances. To change them, stop all instances of the realm first (a killed ` +
      "one counts as running for 10 s), or start the new ones with another REALM"
    );
  }
}
