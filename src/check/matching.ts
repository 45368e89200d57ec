import { describeCountryDatabase } from "../adapters/maxmind/country-database.js";
import { type Config, ConfigError } from "../config.js";
import { problemOfCountries } from "../country.js";
import type { Attribute, MatchingSchema } from "../core/matching-schema.js";
import { readMatchingSchema } from "../matching-file.js";
import { about, type Finding } from "./finding.js";

const { ok, fail } = about("matching");
const country = about("country");
const DAY_MS = 86_400_000;
/** Addresses change hands; databases are published every week or month. */
const OLD_DAYS = 90;

/** Reads what people are matched by, and where their countries come from. */
export async function checkMatching(config: Config): Promise<Finding[]> {
  const { schema, findings } = readSchema(config);
  return [...findings, ...checkSources(config, schema), ...(await checkDatabase(config))];
}

function readSchema(config: Config): { schema: MatchingSchema | undefined; findings: Finding[] } {
  const { MATCHING_FILE: path } = config;
  try {
    const schema = readMatchingSchema(config);
    const known = schema.attributes.filter(({ name, isSought }) => isSought && name !== "quarantine");
    const text = `people are matched by ${known.map(describe).join(", ")}`;
    return { schema, findings: [ok(path === "" ? text : `${path}: ${text}`)] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const problems = error.message.split("\n");
    return { schema: undefined, findings: problems.map((problem) => fail(problem, "docs/matching.md describes it")) };
  }
}

function describe({ name, values, saidBy, fallback, givesWayAfterMs }: Attribute): string {
  const isUsual = saidBy.length === 1 && saidBy[0] === "client";
  const about = [
    ...(values === undefined ? [] : [values.join("|")]),
    ...(isUsual ? [] : [`said by ${saidBy.join(" or ")}`]),
    ...(fallback === undefined ? [] : [`${fallback} by default`]),
    ...(givesWayAfterMs === undefined ? [] : [`gives way after ${String(givesWayAfterMs / 1000)} s`]),
  ];
  return about.length === 0 ? name : `${name} (${about.join("; ")})`;
}

/** Whether countries are known, and used. */
function checkSources(config: Config, schema: MatchingSchema | undefined): Finding[] {
  const { COUNTRY_HEADER: header, COUNTRY_DATABASE: database, MATCHING_FILE: path } = config;
  const isNamed = schema?.attributes.some(({ name }) => name === "country") ?? true;
  if (header === "" && database === "") {
    if (path === "" || !isNamed || schema === undefined) return [];
    const text = "no country is ever known, although people are matched by the attribute country";
    return [country.warn(text, "set COUNTRY_DATABASE, or COUNTRY_HEADER if your proxies write it")];
  }
  if (path !== "" && !isNamed) {
    const text = `countries are looked up without need: ${path} does not name the attribute country`;
    return [country.warn(text, "add the attribute, or remove COUNTRY_HEADER and COUNTRY_DATABASE")];
  }
  if (header === "" || config.TRUST_PROXY.length === 0) return [];
  const text = `the header ${header} of the proxies in TRUST_PROXY counts`;
  return [country.ok(database === "" ? text : `${text}, and the database without one`)];
}

async function checkDatabase({ COUNTRY_DATABASE: path }: Config): Promise<Finding[]> {
  if (path === "") return [];
  try {
    const { type, builtMs, hasIpv6 } = await describeCountryDatabase(path);
    const days = Math.floor((Date.now() - builtMs) / DAY_MS);
    const text = `${path} (${type}) can be read; it was built on ${new Date(builtMs).toISOString().slice(0, 10)}`;
    const old = `${text}, ${String(days)} days ago`;
    const update = "replace the file with a newer one: the server reads it while it runs";
    return [
      days > OLD_DAYS ? country.warn(old, update) : country.ok(text),
      ...(hasIpv6 ? [] : [country.warn(`${path} has no IPv6 addresses`, "use a database that has both")]),
    ];
  } catch (error) {
    return [country.fail(problemOfCountries(path, error), "download a database of countries in MaxMind's format")];
  }
}
