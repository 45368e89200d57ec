import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { createChallenge, randomInt } from "altcha-lib";
import { deriveKey } from "altcha-lib/algorithms/sha";
import { z } from "zod";
import { keyedHash } from "../../core/keyed-hash.js";
import type { AddressKey } from "../../core/ids.js";
import { limits } from "../../core/limits.js";
import type { ChallengeMaker, ChallengeRequest, SolutionProblem, Verdict } from "../../ports/challenge.js";

/**
 * Attempts of the hardest challenge at most, half of it on average: see docs/security.md for how long they take. An
 * attempt is one hash, so that a challenge costs the server no more than that.
 */
const MAX_ATTEMPTS = 50_000;
const ALGORITHM = "SHA-256";
const MAX_COUNTER = 0xffff_ffff;
const COUNTER_BYTES = 4;

const hex = z.string().regex(/^([0-9a-f]{2}){1,32}$/);
/** What is signed, as JSON: the order of the fields is that of the protocol. */
const parameters = z.strictObject({
  algorithm: z.literal(ALGORITHM),
  cost: z.literal(1),
  data: z.strictObject({ expires: z.int() }),
  keyLength: z.literal(32),
  keyPrefix: hex,
  nonce: hex,
  salt: hex,
});
/** The payload of ALTCHA's protocol, version 2. */
const payload = z.object({
  challenge: z.object({ parameters, signature: hex }),
  solution: z.object({ counter: z.int().min(0).max(MAX_COUNTER), derivedKey: hex }),
});
type Payload = z.output<typeof payload>;
type Parameters = z.output<typeof parameters>;

/**
 * Proofs of work in the protocol of ALTCHA (version 2), with a bounded number of attempts. Its library makes the
 * challenges; they are signed here, as its signatures take ten times as long.
 */
export class ProofOfWork implements ChallengeMaker {
  readonly #secretOf: (network: string) => string;

  constructor(secret: string, realm: string) {
    this.#secretOf = keyedHash(secret, `satoshigle challenges of the realm ${realm}`);
  }

  async create({ network, effort, nowMs }: ChallengeRequest): Promise<string> {
    const counter = randomInt(Math.ceil(MAX_ATTEMPTS * effort));
    const data = { expires: nowMs + limits.challengeMs };
    const challenge = await createChallenge({ algorithm: ALGORITHM, cost: 1, counter, deriveKey, data });
    const signature = this.#sign(JSON.stringify(challenge.parameters), network).toString("hex");
    return JSON.stringify({ parameters: challenge.parameters, signature });
  }

  /** The cheapest checks are first: a forged solution costs a signature, and a wrong one a hash more. */
  verify(text: string, network: AddressKey, nowMs: number): Verdict {
    const given = read(text);
    if (given === undefined) return refused("malformed");
    const { challenge, solution } = given;
    const { nonce, data } = challenge.parameters;
    if (nowMs >= data.expires) return refused("expired");
    const signature = this.#sign(JSON.stringify(challenge.parameters), network);
    if (!isSame(signature, challenge.signature)) return refused("forged");
    if (!isSolved(challenge.parameters, solution)) return refused("wrong");
    return { state: "solved", id: nonce, expiresMs: data.expires };
  }

  /** The network is part of the secret, so a challenge says nothing about it. */
  #sign(text: string, network: AddressKey): Buffer {
    return createHmac("sha256", this.#secretOf(network)).update(text).digest();
  }
}

function isSolved({ salt, nonce, keyPrefix }: Parameters, { counter, derivedKey }: Payload["solution"]): boolean {
  const number = Buffer.alloc(COUNTER_BYTES);
  number.writeUInt32BE(counter);
  const key = createHash("sha256").update(salt, "hex").update(nonce, "hex").update(number).digest("hex");
  return key.startsWith(keyPrefix) && key === derivedKey;
}

function isSame(signature: Buffer, given: string): boolean {
  const bytes = Buffer.from(given, "hex");
  return bytes.length === signature.length && timingSafeEqual(bytes, signature);
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
