import type { Transport } from "@connectrpc/connect";
import { ConnectError } from "@connectrpc/connect";
import { solveChallenge } from "altcha-lib";
import { deriveKey } from "altcha-lib/algorithms/sha";
import type { Challenge } from "altcha-lib/types";
import { ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.js";
import { type Resume, TestClient } from "./test-client.js";

/** The challenge that a new session is refused with. */
export async function challengeFor(transport: Transport, fields: Resume = {}): Promise<string> {
  const error = await TestClient.open(transport, fields).then(
    () => new Error("the session was opened without a challenge"),
    (reason: unknown) => reason,
  );
  const challenge = ConnectError.from(error).findDetails(ErrorInfoSchema)[0]?.metadata.challenge;
  if (challenge === undefined) throw error;
  return challenge;
}

/** Solves a challenge as any client of ALTCHA's protocol does. */
export async function solve(text: string): Promise<string> {
  const challenge = JSON.parse(text) as Challenge;
  const solution = await solveChallenge({ challenge, deriveKey });
  return Buffer.from(JSON.stringify({ challenge, solution })).toString("base64");
}
