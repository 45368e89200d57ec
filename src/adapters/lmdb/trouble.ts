import { DomainError } from "../../core/errors.js";

/** Delay before a rejected client should retry, in milliseconds. */
const RETRY_MS = 5_000;

/** Codes for a full disk, an exceeded quota or file size limit, or a full database. */
const FULL = new Set(["ENOSPC", "EDQUOT", "EFBIG", "MDB_MAP_FULL"]);
/** Code for a damaged file, which must not be opened. */
export const DAMAGED = "DAMAGED";

/** The error that callers get while there is a problem with that code. */
export function refusal(code: string): DomainError {
  if (FULL.has(code)) {
    return new DomainError("store_full", "storage is full right now; try again later", {
      retryAfterMs: RETRY_MS,
    });
  }
  return new DomainError("store_away", "this cannot be stored right now; try again", { retryAfterMs: RETRY_MS });
}

/** Describes a problem for operators. */
export function sentenceOn(code: string): string {
  return `reports, bans and tips cannot be stored: ${causeOf(code)} (${code})`;
}

function causeOf(code: string): string {
  if (FULL.has(code)) return "the disk is full";
  if (code === DAMAGED) return "the database file is damaged; restore a backup";
  return /^(SIG|exit)/.test(code) ? "the database process exited" : "the disk or folder is failing";
}
