import type { Attribute, AttributeValues } from "@satoshigle/client";
import { type Key, say, spokenLocale } from "./say.js";

/** The countries of ISO 3166-1 in which most people live or are on the web. */
const COUNTRIES =
  "ae ar at au bd be bg bo br ca ch ci cl cm cn co cr cu cz de dk do dz ec ee eg es et fi fr gb ge gh gr gt hk hn hr hu id ie il in iq ir is it jm jo jp ke kh kr kz lb lk lt lu lv ma mm mx my ng ni nl no np nz om pa pe ph pk pl pr pt py qa ro rs ru sa se sg si sk sn sv sy th tn tr tw tz ua ug us uy uz ve vn ye za zm zw";

const NAMES: Partial<Record<string, Key>> = { mode: "attribute.mode", country: "attribute.country" };
const MODES: Partial<Record<string, Key>> = { video: "mode.video", audio: "mode.audio", text: "mode.text" };

/** The name of an attribute: ours in the language of the page, others as the operator wrote them. */
export function nameOfAttribute(name: string): string {
  const key = NAMES[name];
  return key === undefined ? readable(name) : say(key);
}

/** The name of a value. */
export function nameOfValue(attribute: string, value: string): string {
  const key = attribute === "mode" ? MODES[value] : undefined;
  if (key !== undefined) return say(key);
  return attribute === "country" ? nameOfCountry(value) : readable(value);
}

/** The values that a field offers; none for an attribute whose values are any text, except countries. */
export function valuesOf({ name, values }: Attribute): readonly string[] {
  return name === "country" ? COUNTRIES.split(" ") : values;
}

/** Adds or removes a value. Beyond the maximum, the newest replaces the oldest. */
export function toggleValue(all: AttributeValues, name: string, value: string, max = Infinity): AttributeValues {
  const values = all[name] ?? [];
  const next = values.includes(value) ? values.filter((other) => other !== value) : [...values, value].slice(-max);
  const others = Object.entries(all).filter(([other]) => other !== name);
  return Object.fromEntries(next.length === 0 ? others : [...others, [name, next]]);
}

/** The chosen values that a server still has: it refuses others. */
export function known(chosen: AttributeValues, attributes: readonly Attribute[]): AttributeValues {
  const entries = attributes.map((attribute): [string, string[]] => {
    const offered = valuesOf(attribute);
    return [attribute.name, (chosen[attribute.name] ?? []).filter((value) => offered.includes(value))];
  });
  return Object.fromEntries(entries.filter(([, values]) => values.length > 0));
}

function nameOfCountry(code: string): string {
  try {
    return new Intl.DisplayNames([spokenLocale()], { type: "region" }).of(code.toUpperCase()) ?? code;
  } catch {
    return code;
  }
}

function readable(word: string): string {
  return word.replaceAll("_", " ");
}
