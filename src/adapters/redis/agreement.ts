import { createHash, createHmac } from "node:crypto";

/** Version of the key layout. Instances with different versions must not share a realm. */
const SCHEMA = "4";

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
  STORED_SCHEMA: "the realm contains data of another version, which this version would misread",
};

/** The shared settings, as Redis stores them beside the leases. The secret is stored only as a fingerprint. */
export class Agreement {
  /** Alternating names and values. */
  readonly pairs: readonly string[];

  constructor(private readonly ground: CommonGround) {
    const { realm, sessionSecret, lightningNetwork, matching } = ground;
    const fingerprint = createHmac("sha256", sessionSecret).update(`satoshigle agreement ${realm}`).digest("base64url");
    const attributes = createHash("sha256").update(matching).digest("base64url");
    this.pairs = [
      ...["SESSION_SECRET", fingerprint, "LIGHTNING_NETWORK", lightningNetwork],
      ...["MATCHING_FILE", attributes, "SCHEMA", SCHEMA],
    ];
  }

  /** Describes the problem and how to fix it. */
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
