import { randomUUID } from "node:crypto";
import { KeySet } from "../../src/adapters/jose/key-set.js";
import { PUBLIC_KEY_ALGORITHMS } from "../../src/adapters/jose/usable-keys.js";
import { JwtVerifier } from "../../src/adapters/jose/verifier.js";
import { systemClock } from "../../src/adapters/node/clock.js";
import { Identities } from "../../src/app/identities.js";
import { defaultSchema } from "../../src/core/matching-schema.js";
import { personKeys } from "../../src/core/session-key.js";
import type { IdentityVerifier } from "../../src/ports/identity-verifier.js";
import { AppKeys, appSecret, identityToken } from "../support/app-keys.js";
import { unlimited } from "../support/people.js";
import { spread } from "./statistics.js";
import { printTable } from "./table.js";

/** Tokens per round, each of another person. */
const TOKENS = 1_000;
/** How often each is checked again: a check of a cached token takes less than the clock can tell. */
const REPEATS = 50;
const ROUNDS = 5;

const caller = { sessionId: undefined, person: undefined, host: "192.0.2.1" };
const unrestricted = { issuer: undefined, audience: undefined };

/** What it costs to check the identity token of a stream: at first, and again while it is cached. */
export async function benchIdentity(rounds = ROUNDS): Promise<void> {
  const secret = new TextEncoder().encode(appSecret);
  const rows = [
    await rowOf(
      "HS256",
      new JwtVerifier(() => secret, { ...unrestricted, algorithms: ["HS256"] }, systemClock),
      () => identityToken(claims()),
      rounds,
    ),
  ];
  for (const algorithm of ["ES256", "EdDSA", "RS256"]) {
    const app = await AppKeys.publish(algorithm);
    const keys = await KeySet.start({
      load: () => Promise.resolve({ keys: [...app.published] }),
      clock: systemClock,
      onFailed: () => undefined,
      onRecovered: () => undefined,
    });
    const settings = { ...unrestricted, algorithms: PUBLIC_KEY_ALGORITHMS };
    rows.push(
      await rowOf(algorithm, new JwtVerifier(keys.find, settings, systemClock), () => app.sign(claims()), rounds),
    );
    keys.stop();
    app.close();
  }
  printTable("Check of an identity token, CPU in µs; median (range) of rounds", rows);
}

const claims = () => ({ sub: randomUUID(), profile: { name: "Ann", badges: ["verified"] } });

async function rowOf(
  name: string,
  verifier: IdentityVerifier,
  sign: () => Promise<string>,
  rounds: number,
): Promise<Record<string, string>> {
  const keyOf = personKeys("a secret of at least thirty-two characters");
  const [first, cached]: [number[], number[]] = [[], []];
  for (let round = -1; round < rounds; round++) {
    const tokens = await Promise.all(Array.from({ length: TOKENS }, sign));
    const identities = new Identities({
      verifier,
      isRequired: true,
      keyOf,
      schema: defaultSchema(5_000),
      refused: unlimited,
      clock: systemClock,
    });
    const check = async (times: number) => {
      const start = process.cpuUsage();
      for (let time = 0; time < times; time++) for (const token of tokens) await identities.identify(caller, token);
      const { user, system } = process.cpuUsage(start);
      return (user + system) / (times * TOKENS);
    };
    const [firstUs, cachedUs] = [await check(1), await check(REPEATS)];
    if (round < 0) continue; // warm-up
    first.push(firstUs);
    cached.push(cachedUs);
  }
  return { algorithm: name, "first check": spread(first, 0), cached: spread(cached, 2) };
}
