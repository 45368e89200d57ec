import { createClient } from "@connectrpc/connect";
import { EvidenceService } from "../../gen/satoshigle/v1/evidence_pb.js";
import { ReportReason } from "../../gen/satoshigle/v1/matching_pb.js";
import { type Chain, emptyChain, extend } from "../../src/client/moderation/chat-chain.js";
import { MatchRecord } from "../../src/client/moderation/match-record.js";
import { seal } from "../../src/client/moderation/seal.js";
import type { EvidenceDocument, EvidenceLine } from "../../src/client/moderation/types.js";
import type { TestClient } from "./test-client.js";

const [PIECE_BYTES, MAX_PIECES] = [16_384, 8];

export type Said = Pick<EvidenceLine, "from" | "text">;

/** A reporter and its partner, in a match. */
export interface Parties {
  matchId: string;
  reporter: TestClient;
  partner: TestClient;
}

export interface Attached {
  recipient: string;
  lines: readonly Said[];
  /** JPEGs in base64. */
  frames?: readonly string[];
  reason?: ReportReason;
  comment?: string;
  /** How the reporter lies. */
  change?: (document: EvidenceDocument) => object;
  /** What becomes of the ciphertext. */
  damage?: (sealed: Uint8Array) => Uint8Array;
}

/** Both sides commit to what they said; then one reports the other, with evidence. Returns what was attached. */
export async function reportWithEvidence(
  { matchId, reporter, partner }: Parties,
  { recipient, lines, frames = [], reason = ReportReason.HARASSMENT, comment = "", ...lies }: Attached,
): Promise<Uint8Array> {
  const record = new MatchRecord(matchId);
  const counts = { me: 0, partner: 0 };
  const atMs = Date.now() - 60_000;
  for (const [index, { from, text }] of lines.entries()) {
    await record.addLine({ from, text, id: ++counts[from], atMs: atMs + index * 1_000 });
  }
  for (const [side, from] of [
    [reporter, "me"],
    [partner, "partner"],
  ] as const) {
    if (counts[from] > 0) await callsOf(side).commitChat({ matchId, ...(await chainOf(from, matchId, lines)) });
  }
  await reporter.report({ matchId, reason, comment });
  const document: EvidenceDocument = {
    ...{ version: 1, matchId, reporterId: reporter.welcome.sessionId, createdMs: atMs },
    ...{ lines: await record.lines(), frames: frames.map((jpeg) => ({ atMs, jpeg })) },
  };
  const changed = (lies.change?.(document) ?? document) as EvidenceDocument;
  const whole = await seal(changed, [recipient], PIECE_BYTES * MAX_PIECES);
  const sealed = lies.damage?.(whole) ?? whole;
  const count = Math.ceil(sealed.length / PIECE_BYTES);
  for (let index = 0; index < count; index++) {
    const data = sealed.slice(index * PIECE_BYTES, (index + 1) * PIECE_BYTES);
    await callsOf(reporter).attachEvidence({ matchId, index, count, data });
  }
  return sealed;
}

function callsOf({ transport, welcome }: TestClient) {
  const client = createClient(EvidenceService, transport);
  const options = { headers: { authorization: `Bearer ${welcome.token}` } };
  return {
    commitChat: (request: Parameters<typeof client.commitChat>[0]) => client.commitChat(request, options),
    attachEvidence: (request: Parameters<typeof client.attachEvidence>[0]) => client.attachEvidence(request, options),
  };
}

async function chainOf(from: Said["from"], matchId: string, lines: readonly Said[]): Promise<Chain> {
  let chain = await emptyChain(matchId);
  for (const line of lines) if (line.from === from) chain = await extend(chain, line.text);
  return chain;
}
