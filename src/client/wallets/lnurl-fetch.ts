import { AddressProblem } from "./address-problem.js";

/** How long a service may take to answer in full. */
const TIMEOUT_MS = 10_000;
/** Metadata may contain a picture of 100 KB in base64, as a string within a string. */
const MAX_BYTES = 400_000;
const MAX_REASON_CHARACTERS = 200;

export type Answer = Record<string, unknown>;

/**
 * Returns the answer of a service of LNURL. It gets no cookies and does not learn which page asks. Its own redirects are
 * followed, others refused: who is paid must not change without the person seeing it in the address.
 * @throws AddressProblem
 */
export async function fetchAnswer(url: URL, signal?: AbortSignal): Promise<Answer> {
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  const timer = setTimeout(stop, TIMEOUT_MS);
  signal?.addEventListener("abort", stop);
  try {
    const response = await fetch(url, {
      ...{ signal: abort.signal, credentials: "omit", referrerPolicy: "no-referrer", cache: "no-store" },
    });
    checkOrigin(response, url);
    return readAnswer(await readText(response), response, url);
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof AddressProblem) throw cause;
    const what = abort.signal.aborted ? "did not answer in time" : "cannot be reached";
    throw unusable(url, what, cause);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
    abort.abort(); // ends a body that was not read to its end
  }
}

function checkOrigin(response: Response, url: URL): void {
  const to = response.url === "" ? url : new URL(response.url);
  if (to.origin === url.origin) return;
  throw unusable(url, `sends its visitors to ${to.host}; use an address there`);
}

/** Stops reading a body that is too large, whatever length it announced. */
async function readText({ body }: Response, limit = MAX_BYTES): Promise<string> {
  const reader = body?.getReader();
  const decoder = new TextDecoder();
  let [text, bytes] = ["", 0];
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    bytes += part.value.length;
    if (bytes > limit) throw new AddressProblem("address_unusable", "The service of this address sent far too much.");
    text += decoder.decode(part.value, { stream: true });
  }
  return text + decoder.decode();
}

function readAnswer(text: string, { ok, status }: Response, url: URL): Answer {
  const answer = parseObject(text);
  if (answer?.status === "ERROR") throw refusal(answer.reason, url);
  if (status === 404) throw unusable(url, "does not know this address");
  if (!ok) throw unusable(url, `answered with the error ${String(status)}`);
  if (!answer) throw unusable(url, "is not a Lightning service");
  return answer;
}

function parseObject(text: string): Answer | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Answer) : undefined;
  } catch {
    return undefined;
  }
}

/** The words of the service, as one line. */
function refusal(reason: unknown, url: URL): AddressProblem {
  const words = typeof reason === "string" ? reason.replace(/[\p{C}\s]+/gu, " ").trim() : "";
  if (words === "") return unusable(url, "refused without a reason");
  return new AddressProblem("address_refused", Array.from(words).slice(0, MAX_REASON_CHARACTERS).join(""));
}

export function unusable({ host }: URL, what: string, cause?: unknown): AddressProblem {
  return new AddressProblem("address_unusable", `${host} ${what}.`, { cause });
}
