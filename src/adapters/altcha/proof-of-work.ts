import { createChallenge, randomInt, verifySolution } from "altcha-lib";
import { deriveKey } from "altcha-lib/algorithms/pbkdf2";
import { z } from "zod";
import { keyedHash } from "../../core/keyed-hash.js";
import type { AddressKey } from "../../core/ids.js";
import { limits } from "../../core/limits.js";
import type { ChallengeMaker, ChallengeRequest, SolutionProblem, Verdict } from "../../ports/challenge.js";

/**
 * Rounds of one attempt: what an attempt costs in a browser is mostly the rounds, so that a program that is not a browser
 * gains little.
 */
const ROUNDS = 200;
/** Attempts of the hardest challenge at most, half of it on average: see docs/security.md for how long they take. */
const MAX_ATTEMPTS = 1_000;
const ALGORITHM = "PBKDF2/SHA-256";

const hex = z.string().regex(/^([0-9a-f]{2}){1,64}$/);
/** The payload of ALTCHA's protocol, version 2. */
const payload = z.object({
  challenge: z.object({
    parameters: z.strictObject({
      algorithm: z.literal(ALGORITHM),
      nonce: hex,
      salt: hex,
      cost: z.literal(ROUNDS),
      keyLength: z.literal(32),
      keyPrefix: hex,
      keySignature: hex,
      data: z.strictObject({ expires: z.int() }),
    }),
    signature: hex,
  }),
  solution: z.object({ counter: z.int(), derivedKey: hex }),
});
type Payload = z.output<typeof payload>;

/** Proofs of work in the protocol of ALTCHA (version 2), with a bounded number of attempts. */
export class ProofOfWork implements ChallengeMaker {
  readonly #secretOf: (network: string) => string;

  constructor(secret: string, realm: string) {
    this.#secretOf = keyedHash(secret, `satoshigle challenges of the realm ${realm}`);
  }

  async create({ network, effort, nowMs }: ChallengeRequest): Promise<string> {
    const challenge = await createChallenge({
      algorithm: ALGORITHM,
      cost: ROUNDS,
      counter: randomInt(Math.ceil(MAX_ATTEMPTS * effort)),
      deriveKey,
      data: { expires: nowMs + limits.challengeMs },
      ...this.#secrets(network),
    });
    return JSON.stringify(challenge);
  }

  async verify(solution: string, network: AddressKey, nowMs: number): Promise<Verdict> {
    const given = read(solution);
    if (given === undefined) return refused("malformed");
    const { nonce, data } = given.challenge.parameters;
    if (nowMs >= data.expires) return refused("expired");
    const { verified, invalidSignature } = await verifySolution({ ...given, deriveKey, ...this.#secrets(network) });
    if (verified) return { state: "solved", id: nonce, expiresMs: data.expires };
    return refused(invalidSignature === true ? "forged" : "wrong");
  }

  /** The network is part of the secret, so a challenge says nothing about it. */
  #secrets(network: AddressKey) {
    return {
      hmacSignatureSecret: this.#secretOf(network),
      hmacKeySignatureSecret: this.#secretOf(`key ${network}`),
    };
  }
}

function refused(problem: SolutionProblem): Verdict {
  return { state: "refused", problem };
}

function read(solution: string): Payload | undefined {
  try {
    return payload.safeParse(JSON.parse(Buffer.from(solution, "base64").toString())).data;
  } catch {
    return undefined;
  }
}
