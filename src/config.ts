import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { contradictions, doubts } from "./config/contradictions.js";
import { type Dotenv, EMPTY, parseDotenv } from "./config/dotenv.js";
import { nearestName } from "./config/misspelt.js";
import { redact } from "./config/redact.js";
import { type Values, type VariableName, variableNames, variables } from "./config/variables.js";

export { variables } from "./config/variables.js";

/** Values that were refused, each with the variable's name and what is allowed. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

export type Config = Readonly<Values>;

type Environment = Record<string, string | undefined>;

/** Where the configuration comes from. The environment takes precedence over the file. */
export interface Sources {
  environment: Environment;
  /** Content of `.env`, if there is one. */
  file?: Buffer | undefined;
}

/**
 * Reads the configuration of this process, or the given variables.
 * @throws ConfigError that lists every refused variable
 */
export function loadConfig(environment?: Environment): Config {
  return readConfig(environment === undefined ? processSources() : { environment }).config;
}

/**
 * Reads the configuration.
 * @returns it, and what is allowed and probably not meant, a sentence each
 * @throws ConfigError that lists every refused variable
 */
export function readConfig({ environment, file }: Sources): { config: Config; warnings: string[] } {
  const dotenv = file === undefined ? EMPTY : parseDotenv(file);
  const names = checkNames(environment, dotenv);
  const problems = [...dotenv.problems, ...names.problems];
  const given = valuesOf(environment, dotenv);
  const { values, refused } = parseValues(given, (name) => whereIs(name, environment, dotenv));
  const isSet = new Set(given.keys());
  const clashes = contradictions(values, isSet).filter(({ between }) => !between.some((name) => refused.has(name)));
  problems.push(...refused.values(), ...clashes.map(({ problem }) => problem));
  if (problems.length > 0) throw new ConfigError(problems.join("\n"));
  const warnings = [...dotenv.warnings, ...names.warnings, ...doubts(values, isSet)];
  if (values.SESSION_SECRET === "") values.SESSION_SECRET = randomBytes(32).toString("base64url");
  return { config: Object.freeze(values), warnings };
}

/** The environment of this process and `.env` in its working directory. */
export function processSources(): Sources {
  return { environment: process.env, file: readDotenv() };
}

function readDotenv(): Buffer | undefined {
  try {
    return readFileSync(".env");
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw new ConfigError(`.env cannot be read (${code}): it must be a file that this process may read`);
  }
}

/** What is set to something, by name. */
function valuesOf(environment: Environment, { values }: Dotenv): Map<VariableName, string> {
  const all = variableNames.map((name) => [name, (environment[name] ?? values[name] ?? "").trim()] as const);
  return new Map(all.filter(([, value]) => value !== ""));
}

function parseValues(given: ReadonlyMap<VariableName, string>, where: (name: VariableName) => string) {
  const values: Partial<Record<VariableName, unknown>> = {};
  const refused = new Map<VariableName, string>();
  for (const name of variableNames) {
    const { schema, default: fallback, allowed } = variables[name];
    const value = given.get(name);
    const parsed = schema.safeParse(value ?? fallback);
    values[name] = parsed.success ? parsed.data : schema.parse(fallback);
    if (parsed.success) continue;
    const hint = parsed.error.issues.find(({ code, message }) => code === "custom" && message !== "Invalid input");
    const sentence = `${name}=${redact(name, value ?? "")} is not allowed: it must be ${allowed}`;
    refused.set(name, `${where(name)}${sentence}${hint === undefined ? "" : `; ${hint.message}`}`);
  }
  return { values: values as Values, refused };
}

/** The line of `.env` that a value is from, or nothing when it is from the environment. */
function whereIs(name: string, environment: Environment, { lines }: Dotenv): string {
  const line = lines.get(name);
  return line === undefined || environment[name] !== undefined ? "" : `.env line ${String(line)}: `;
}

/** Names that look like one of ours stop the start in our own file; in the environment they may be another program's. */
function checkNames(environment: Environment, { lines }: Dotenv): { problems: string[]; warnings: string[] } {
  const [problems, warnings]: [string[], string[]] = [[], []];
  for (const [name, line] of lines) {
    const nearest = nearestName(name, variableNames);
    const sentence = `.env line ${String(line)}: ${name} is not a variable of this server`;
    if (nearest !== undefined) problems.push(`${sentence}; did you mean ${nearest}?`);
    else if (!variableNames.includes(name as VariableName)) warnings.push(`${sentence}, and has no effect`);
  }
  for (const name of Object.keys(environment)) {
    const nearest = lines.has(name) ? undefined : nearestName(name, variableNames);
    if (nearest === undefined || environment[nearest] !== undefined) continue;
    warnings.push(`${name} is not a variable of this server; did you mean ${nearest}?`);
  }
  return { problems, warnings };
}
