import { type Client, Code, ConnectError } from "@connectrpc/connect";
import type { ModerationService, ReportRecord } from "../../../gen/satoshigle/internal/v1/moderation_pb.js";
import { fromBase64 } from "../../client/moderation/base64.js";
import type { EvidenceFrame, EvidenceLine } from "../../client/moderation/types.js";
import { type ChatCommitment, isAbout, type LineStanding, verifyLines } from "../../client/moderation/verify-lines.js";
import { EntryError } from "../parts/use-action.js";
import { parseDocument } from "./document.js";
import { isAllowedJpeg } from "./jpeg.js";
import type { HeldKey } from "./key.js";

/** What the server has of an evidence. */
export interface Sealed {
  data: Uint8Array;
  reported: ChatCommitment | undefined;
  reporter: ChatCommitment | undefined;
}

export type StatedLine = Pick<EvidenceLine, "from" | "text" | "atMs"> & { standing: LineStanding };

export interface Picture {
  atMs: number;
  /** Undefined for what is no JPEG of the allowed size. */
  jpeg: Uint8Array<ArrayBuffer> | undefined;
}

/** What a moderator sees. */
export interface OpenEvidence {
  lines: readonly StatedLine[];
  pictures: readonly Picture[];
  /** How many pictures are not shown because the report is about a minor. */
  withheldCount: number;
}

/** How long 128 KiB may take, in milliseconds. */
const TIMEOUT_MS = 60_000;

/** Gets evidence from the server, which writes that to the audit log. */
export async function fetchSealed(
  moderation: Client<typeof ModerationService>,
  reportId: string,
  signal: AbortSignal,
): Promise<Sealed> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const found: Pick<Sealed, "reported" | "reporter"> = { reported: undefined, reporter: undefined };
  try {
    for await (const piece of moderation.getEvidence({ reportId }, { signal, timeoutMs: TIMEOUT_MS })) {
      pieces.push(Uint8Array.from(piece.data));
      found.reported ??= piece.reportedCommitment;
      found.reporter ??= piece.reporterCommitment;
    }
  } catch (error) {
    if (ConnectError.from(error).code !== Code.NotFound) throw error;
    throw new EntryError("This evidence is no longer kept.");
  }
  return { ...found, data: new Uint8Array(await new Blob(pieces).arrayBuffer()) };
}

/**
 * Decrypts evidence, and checks what it says.
 * @throws EntryError why it cannot be shown
 */
export async function unseal(sealed: Sealed, key: HeldKey, report: ReportRecord): Promise<OpenEvidence> {
  const document = parseDocument(await decrypt(sealed.data, key));
  if (!isAbout(document, report)) {
    throw new EntryError(
      "This evidence belongs to another report: it names another match or reporter. It was swapped, and is not shown.",
    );
  }
  const standings = await verifyLines(document, sealed);
  const isMinor = report.reason === "minor";
  return {
    lines: document.lines.map(({ from, text, atMs }, index) => ({
      ...{ from, text, atMs, standing: standings[index] ?? "claimed" },
    })),
    pictures: isMinor ? [] : document.frames.map(pictureOf),
    withheldCount: isMinor ? document.frames.length : 0,
  };
}

async function decrypt(data: Uint8Array, { decrypter, recipients }: HeldKey): Promise<string> {
  try {
    return await decrypter.decrypt(data, "text");
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith("no identity matched"))) {
      throw new EntryError("This evidence is damaged: its content is not what was encrypted. It is not shown.");
    }
    const yours = recipients.map((recipient) => `${recipient.slice(0, 12)}…`).join(", ");
    throw new EntryError(
      `This evidence is not encrypted for your key (${yours}). It may be for a colleague's, or for an earlier one.`,
    );
  }
}

function pictureOf({ atMs, jpeg }: EvidenceFrame): Picture {
  const bytes = fromBase64(jpeg);
  return { atMs, jpeg: bytes && isAllowedJpeg(bytes) ? bytes : undefined };
}
