import { type Config, ConfigError, readConfig, type Sources } from "../config.js";
import { runtimeLimits } from "../http/runtime.js";
import { VERSION } from "../version.js";
import { checkCertificates } from "./certificates.js";
import { checkData } from "./data.js";
import { about, type Finding, reasonOf, type Subject } from "./finding.js";
import { checkIce } from "./ice.js";
import { checkIdentity } from "./identity.js";
import { checkMatching } from "./matching.js";
import { checkOrigins } from "./origins.js";
import { checkPages } from "./page.js";
import { checkRedis } from "./redis.js";
import { checkWebhooks } from "./webhooks.js";

export interface CheckOptions {
  sources: Sources;
  /** Where browsers reach the server, if not at the origins of CLIENT_URL. */
  urls: readonly string[];
  isJson: boolean;
  print: (text: string) => void;
}

const configuration = about("configuration");
const systemMs = () => Date.now();

/**
 * Checks what the configuration names, one line each: nothing is changed, and the server may be running.
 * @returns the exit code: 1 if a check failed
 */
export async function check({ sources, urls, isJson, print }: CheckOptions): Promise<number> {
  const findings = await findingsOf(sources, urls);
  print(isJson ? `${JSON.stringify(summary(findings))}\n` : asText(findings));
  return count(findings, "fail") > 0 ? 1 : 0;
}

async function findingsOf(sources: Sources, urls: readonly string[]): Promise<Finding[]> {
  try {
    const { config, warnings } = readConfig(sources);
    return [...configured([...warnings, ...runtimeLimits()]), ...(await checkAll(config, urls))];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split("\n").map((problem) => configuration.fail(problem, "docs/configuration.md lists them"));
  }
}

function configured(warnings: readonly string[]): Finding[] {
  if (warnings.length === 0) return [configuration.ok("every variable is allowed")];
  return warnings.map((warning) => configuration.warn(warning, "see docs/configuration.md"));
}

async function checkAll(config: Config, urls: readonly string[]): Promise<Finding[]> {
  const checks: [Subject, () => Finding[] | Promise<Finding[]>][] = [
    ["origins", () => checkOrigins(config)],
    ["certificates", () => checkCertificates(config, Date.now())],
    ["data", () => checkData(config)],
    ["redis", () => checkRedis(config, systemMs)],
    ["stun", () => checkIce(config, Date.now())],
    ["identity", () => checkIdentity(config)],
    ["matching", () => checkMatching(config)],
    ["webhooks", () => checkWebhooks(config)],
    ["page", () => checkPages(config, urls)],
  ];
  return (await Promise.all(checks.map(([subject, run]) => settle(subject, run)))).flat();
}

/** An unexpected error of one check is a finding, and does not hide the others. */
async function settle(subject: Subject, run: () => Finding[] | Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await run();
  } catch (error) {
    return [about(subject).fail(`could not be checked: ${reasonOf(error)}`, "report this as a bug, with these words")];
  }
}

const count = (findings: readonly Finding[], level: Finding["level"]) =>
  findings.filter((finding) => finding.level === level).length;

function summary(findings: readonly Finding[]) {
  const counts = { ok: count(findings, "ok"), warn: count(findings, "warn"), fail: count(findings, "fail") };
  return { version: VERSION, ...counts, findings };
}

function asText(findings: readonly Finding[]): string {
  const lines = findings.map(({ subject, level, text, advice }) => {
    const line = `${level.padEnd(4)}  ${subject.padEnd(13)}  ${text}`;
    return advice === undefined ? line : `${line}\n${" ".repeat(21)}→ ${advice}`;
  });
  const { version, ok, warn, fail } = summary(findings);
  const counts = `${String(ok)} ok, ${String(warn)} warnings, ${String(fail)} failed`;
  return `${[...lines, `Satoshigle ${version}: ${counts}`].join("\n")}\n`;
}
