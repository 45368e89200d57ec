import { Code, ConnectError } from "@connectrpc/connect";
import { errorFromJson } from "@connectrpc/connect/protocol-connect";

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The Connect error in the body, if there is one. */
  error: ConnectError | undefined;
}

/** A raw request. */
export async function request(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, error: errorIn(text) };
}

/** A unary Connect call with a JSON body. */
export function callJson(
  url: string,
  method: string,
  body: unknown = {},
  token?: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return request(`${url}/${method}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...authorization, ...headers },
    body: JSON.stringify(body),
  });
}

/** The Connect error in a body: a unary answer, or the end of a stream. */
export function errorIn(text: string): ConnectError | undefined {
  const json = /\{.*\}/s.exec(text)?.[0];
  if (json === undefined) return undefined;
  try {
    const parsed = JSON.parse(json) as { code?: string; error?: { code: string } };
    if (parsed.error === undefined && parsed.code === undefined) return undefined;
    return errorFromJson(parsed.error ?? { ...parsed }, undefined, new ConnectError("no code", Code.Unknown));
  } catch {
    return undefined;
  }
}
