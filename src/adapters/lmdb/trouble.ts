import { DomainError } from "../../core/errors.js";

/** When those who were refused are to come again, in milliseconds. */
const RETRY_MS = 5_000;

/** Codes of a disk, a quota or a file size limit that is used up. */
const FULL = new Set(["ENOSPC", "EDQUOT", "EFBIG", "MDB_MAP_FULL"]);
/** The code of a file that must not be opened. */
export const DAMAGED = "DAMAGED";

/** What callers receive while there is a trouble of a code. */
export function refusal(code: string): DomainError {
  if (FULL.has(code)) {
    return new DomainError("store_full", "there is no room to keep this right now; try again later", {
      retryAfterMs: RETRY_MS,
    });
  }
  return new DomainError("store_away", "this cannot be kept right now; try again", { retryAfterMs: RETRY_MS });
}

/** What is wrong, for those who operate the server. */
export function sentenceOn(code: string): string {
  return `reports, bans and tips cannot be stored: ${causeOf(code)} (${code})`;
}

function causeOf(code: string): string {
  if (FULL.has(code)) return "there is no room on the disk";
  if (code === DAMAGED) return "their file is damaged, restore a backup";
  return /^(SIG|exit)/.test(code) ? "the process that holds their file ended" : "the disk or its folder fails";
}
