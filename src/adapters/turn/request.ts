import { AnswerError } from "./answer.js";
import { fill, type TemplateValues } from "./template.js";

/** A request for credentials, as templates. */
export interface RequestTemplate {
  url: string;
  method: string;
  headers: readonly (readonly [name: string, value: string])[];
  /** Empty for none. */
  body: string;
}

const TIMEOUT_MS = 5_000;
const MAX_BYTES = 65_536;

/**
 * Sends the request and returns the text of the answer.
 * @throws AnswerError whose message contains neither the URL, which may contain a secret, nor anything of the answer
 */
export async function request(template: RequestTemplate, values: TemplateValues): Promise<string> {
  const { url, method, body } = template;
  const headers = new Headers({
    accept: "application/json",
    ...(body !== "" && { "content-type": "application/json" }),
  });
  for (const [name, value] of template.headers) headers.set(name, fill(value, values));
  try {
    const response = await fetch(fill(url, values, encodeURIComponent), {
      method,
      headers,
      ...(body !== "" && { body: fill(body, values) }),
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await readText(response);
    if (!response.ok) throw new AnswerError(`it answered with HTTP ${String(response.status)}`);
    return text;
  } catch (error) {
    if (error instanceof AnswerError) throw error;
    throw new AnswerError(causeOf(error));
  }
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const reader = response.body?.getReader();
  for (let next = await reader?.read(); next?.value !== undefined; next = await reader?.read()) {
    const chunk = next.value as Uint8Array;
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new AnswerError(`the answer has more than ${String(MAX_BYTES)} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function causeOf(error: unknown): string {
  const { name, cause } = error as Error;
  if (name === "TimeoutError") return `no answer within ${String(TIMEOUT_MS / 1000)} seconds`;
  const { code } = (cause ?? {}) as NodeJS.ErrnoException;
  return `it cannot be reached${code === undefined ? "" : ` (${code})`}`;
}
