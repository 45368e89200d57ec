import type { AddressKey } from "../core/ids.js";

/** Makes challenges that cost a client something before its session opens, and verifies their solutions. Keeps nothing. */
export interface ChallengeMaker {
  /**
   * Creates a challenge, a text of at most 1,024 printable ASCII characters. Only the same network can use its solution,
   * within the same realm.
   */
  create(request: ChallengeRequest): Promise<string>;

  /**
   * Verifies a solution, which comes from a stranger. Does not remember it: the caller lets each ID count once. Never
   * throws because of what the solution contains, and costs far less than a session.
   */
  verify(solution: string, network: AddressKey, nowMs: number): Verdict;
}

export interface ChallengeRequest {
  network: AddressKey;
  /** How much work it takes: more than 0, at most 1. */
  effort: number;
  nowMs: number;
}

export type Verdict =
  /** The challenge's ID, and when its solution stops being valid. */
  { state: "solved"; id: string; expiresMs: number } | { state: "refused"; problem: SolutionProblem };

/** `forged`: of another network or realm, or never issued here. */
export type SolutionProblem = "malformed" | "forged" | "expired" | "wrong";
