import type { State } from "@satoshigle/client";
import { COUNTRIES, type Country } from "../countries.js";
import type { Choice, User } from "./account.js";

export const find = <E extends HTMLElement>(id: string) => document.getElementById(id) as E;
export const valueOf = (id: string) => find<HTMLInputElement | HTMLSelectElement>(id).value;

const [countries, textOnly] = [find<HTMLSelectElement>("countries"), find<HTMLInputElement>("text-only")];

export function show(part: "entrance" | "room"): void {
  find("entrance").hidden = part !== "entrance";
  find("room").hidden = part !== "room";
}

export function fillCountries(): void {
  const names = new Intl.DisplayNames("en", { type: "region" });
  for (const select of [find<HTMLSelectElement>("country"), countries]) {
    for (const code of COUNTRIES) select.add(new Option(names.of(code.toUpperCase()), code));
  }
}

export function showUser({ name, choice, isRestricted }: User): void {
  find("me").textContent = name;
  for (const option of countries.options) option.selected = choice.countries.includes(option.value as Country);
  [textOnly.checked, textOnly.disabled] = [isRestricted || choice.textOnly, isRestricted];
}

/** What the form says. */
export function chosen(): Choice {
  const codes = [...countries.selectedOptions].map(({ value }) => value as Country);
  return { countries: codes, textOnly: textOnly.checked };
}

/** Names, badges and lines are text, never HTML. The picture of a profile would reveal the viewer's address. */
export function showState({ connection, activity }: State): void {
  const match = activity.phase === "matched" ? activity : undefined;
  find("partner").textContent = match?.profile?.name ?? "";
  find("badges").textContent = match?.profile?.badges.join(", ") ?? "";
  find("mode").textContent = match?.partnerMode === "text" ? "only writes" : "";
  find("status").textContent = connection.status === "online" ? describe(activity) : connection.status;
}

function describe(activity: State["activity"]): string {
  if (activity.phase === "waiting") return `Waiting with ${String(activity.waitingCount)} people`;
  return activity.phase === "matched" ? `In a call: ${activity.call}` : "Press Start.";
}

export function showLine(text: string): void {
  const line = document.createElement("li");
  [line.dir, line.textContent] = ["auto", text];
  find("lines").append(line);
}

export function showProblem(error: unknown): void {
  find("problem").textContent = error instanceof Error ? error.message : String(error);
}
