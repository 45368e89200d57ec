import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KeySet } from "../../src/adapters/jose/key-set.js";
import { loadKeys } from "../../src/adapters/jose/load-keys.js";
import { PUBLIC_KEY_ALGORITHMS } from "../../src/adapters/jose/usable-keys.js";
import { JwtVerifier } from "../../src/adapters/jose/verifier.js";
import { DomainError } from "../../src/core/errors.js";
import { AppKeys } from "../support/app-keys.js";
import { soon } from "../support/soon.js";
import { SteppedClock } from "./support/stepped-clock.js";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

let app: AppKeys;
let clock: SteppedClock;
let log: string[];
let keys: KeySet;
let verifier: JwtVerifier;
beforeEach(async () => {
  app = await AppKeys.publish("ES256");
  clock = new SteppedClock();
  log = [];
});
afterEach(() => {
  keys.stop();
  app.close();
  expect(clock.pending).toBe(0);
});

async function start(): Promise<void> {
  keys = await KeySet.start({
    load: async () => ({ keys: (await loadKeys(app.url)).usable }),
    clock,
    onFailed: (cause) => log.push(cause),
    onRecovered: () => log.push("recovered"),
  });
  const settings = { issuer: undefined, audience: undefined, algorithms: PUBLIC_KEY_ALGORITHMS };
  verifier = new JwtVerifier(keys.find, settings, clock);
}

/** A token that is valid for a year of the test's clock. */
const sign = () => app.sign({ sub: "ann", exp: clock.nowMs() / 1_000 + 365 * 24 * 3_600 });

/** "ann", or why the token is refused. */
const outcomeOf = (token: string) =>
  verifier.verify(token).then(
    ({ subject }) => subject,
    (error: unknown) => {
      if (!(error instanceof DomainError)) throw error;
      return error.context.problem ?? error.reason;
    },
  );

describe("rotated keys", () => {
  it("are found at the first token that names one, and the old ones are refused then", async () => {
    await start();
    const old = await sign();
    await app.rotate("ES256");
    clock.advance(MINUTE_MS);
    expect(await outcomeOf(old)).toBe("ann");
    expect(await outcomeOf(await sign())).toBe("ann");
    expect(await outcomeOf(old)).toBe("key");
    expect(app.fetched).toBe(2);
  });

  it("are found within ten minutes without such a token", async () => {
    await start();
    const old = await sign();
    await app.rotate("ES256");
    clock.advance(10 * MINUTE_MS);
    await soon(async () => {
      expect(await outcomeOf(old)).toBe("key");
    });
    expect(app.fetched).toBe(2);
  });

  it("are not loaded again for each token with an unknown key", async () => {
    await start();
    clock.advance(MINUTE_MS);
    const unknown = await app.sign({ sub: "ann" }, { kid: "unknown" });
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => outcomeOf(unknown)));
    expect(new Set(outcomes)).toEqual(new Set(["key"]));
    expect(app.fetched).toBe(2);
  });
});

describe("keys that cannot be loaded", () => {
  it("at the start are tried again, by timer and for a token", async () => {
    app.isAway = true;
    await start();
    expect(await outcomeOf(await sign())).toBe("identity_unavailable");
    expect(log).toHaveLength(1);
    expect(clock.nextMs).toBe(15_000);
    app.isAway = false;
    clock.advance(15_000);
    expect(await outcomeOf(await sign())).toBe("ann");
    expect(log).toEqual([expect.any(String), "recovered"]);
    expect(keys.troubles()).toEqual([]);
  });

  it("later are used for a day, and not longer", async () => {
    await start();
    const token = await sign();
    app.isAway = true;
    for (let hours = 0; hours < 23; hours++) {
      clock.advance(HOUR_MS);
      expect(await outcomeOf(token)).toBe("ann");
    }
    expect(keys.troubles()).toEqual([expect.stringMatching(/cannot be loaded: .*; the last ones are used$/)]);
    clock.advance(2 * HOUR_MS);
    expect(await outcomeOf(token)).toBe("identity_unavailable");
    expect(keys.troubles()).toEqual([expect.stringMatching(/people with an identity cannot connect$/)]);
    expect(log).toHaveLength(1);
  });

  it("are reported with their cause, and never wait longer than five seconds for it", async () => {
    app.isAway = true;
    await start();
    expect(log).toEqual([expect.stringContaining("200 ok")]);
  });
});
