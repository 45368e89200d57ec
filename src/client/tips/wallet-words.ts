import type { Tip, TipProblemCode } from "./types.js";

/** The longest words of a wallet that are shown, in characters. */
const MAX_LENGTH = 200;
/** What sentences for people do not contain: the signs of code and of data, addresses, hashes, and calls. */
const UNSPEAKABLE = /[[\]{}<>\\|=`$@#_\n]|::|[\p{L}\d]\(|\w:\/\/|[\da-f]{16}|\bat \S+:\d/iu;
/** Two words in a row, or text in a script that has no spaces. */
const SENTENCE = /\p{L}[\s,;:]+["'“«]?\p{L}{2}|[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}]{4}/u;

/** Returns what a wallet says to a person, or undefined if it says nothing, or what only its developers understand. */
export function spokenWords(error: unknown): string | undefined {
  const said = error instanceof Error ? error.message : typeof error === "string" ? error : "";
  const words = said.trim().replace(/^(\w*Error: )+/, "");
  const isSpoken = words.length <= MAX_LENGTH && SENTENCE.test(words) && !UNSPEAKABLE.test(words);
  return isSpoken ? words : undefined;
}

/** A problem in the wallet's own words, or in `otherwise` if it has none. */
export function walletProblem(
  problemCode: TipProblemCode,
  error: unknown,
  otherwise: string,
): Pick<Tip, "problem" | "problemCode" | "saidByWallet"> {
  const words = spokenWords(error);
  return { problemCode, problem: words ?? otherwise, saidByWallet: words !== undefined };
}
