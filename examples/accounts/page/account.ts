import type { Country } from "../countries.js";

export interface Choice {
  countries: Country[];
  textOnly: boolean;
}

export interface User {
  name: string;
  choice: Choice;
  isRestricted: boolean;
}

/** Calls the app. Rejects with a sentence for people. */
async function post<Answer>(path: string, body: object = {}, signal?: AbortSignal): Promise<Answer> {
  const response = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal: signal ?? null,
  });
  const answer = (await response.json()) as Answer & { message?: string };
  if (!response.ok) throw new Error(answer.message ?? `The app answers ${String(response.status)}.`);
  return answer;
}

export const register = (name: string, password: string, country: string) =>
  post<User>("/api/register", { name, password, country });
export const login = (name: string, password: string) => post<User>("/api/login", { name, password });
export const logout = () => post("/api/logout");
export const saveChoice = (choice: Choice) => post<User>("/api/choice", choice);

/** The user who is signed in, or null. */
export async function currentUser(): Promise<User | null> {
  return (await (await fetch("/api/me")).json()) as User | null;
}

/** A token with which the app vouches for the user. */
export async function identityToken(signal: AbortSignal): Promise<string> {
  return (await post<{ token: string }>("/api/identity-token", {}, signal)).token;
}
