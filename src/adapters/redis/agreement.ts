import { createHmac } from "node:crypto";

/** Which form the keys of a realm have; instances that know different ones must not share it. */
const SCHEMA = "2";

/** What every instance of a realm must go by. */
export interface CommonGround {
  realm: string;
  sessionSecret: string;
  lightningNetwork: string;
}

const reasons: Record<string, string> = {
  SESSION_SECRET: "SESSION_SECRET is another than that of the instances that run: each would refuse the other's people",
  LIGHTNING_NETWORK: "LIGHTNING_NETWORK is another than that of the instances that run: tips would not be understood",
  SCHEMA: "this version keeps its data in another form than that of the instances that run",
};

/** What the instances of a realm must have in common, as Redis keeps it beside their leases: nothing can be read off it. */
export class Agreement {
  /** Names and values, in turn. */
  readonly pairs: readonly string[];

  constructor(private readonly ground: CommonGround) {
    const { realm, sessionSecret, lightningNetwork } = ground;
    const fingerprint = createHmac("sha256", sessionSecret).update(`satoshigle agreement ${realm}`).digest("base64url");
    this.pairs = ["SESSION_SECRET", fingerprint, "LIGHTNING_NETWORK", lightningNetwork, "SCHEMA", SCHEMA];
  }

  /** What is wrong and what to do about it. */
  explain(names: readonly string[]): string {
    const what = names.map((name) => reasons[name] ?? name).join("; ");
    return (
      `${what} (REALM=${this.ground.realm}). Give all the same. To change it, stop every instance of the realm first, ` +
      "of which one that was killed counts for 10 s more, or start the new ones with another REALM"
    );
  }
}
