import { parseArgs } from "node:util";
import type { Config } from "./config.js";
import type { TransparencyOptions } from "./transparency/options.js";
import { VERSION } from "./version.js";

const USAGE = `Usage: satoshigle                             starts the server
       satoshigle check [--json] [--url <url>]  tries everything that the configuration names; exits with 1 if something fails
       satoshigle backup [--replace] <file>   copies the records in DATA_DIR to a file
       satoshigle restore [--replace] <file>  replaces the records in DATA_DIR with those in the file
       satoshigle transparency --from <day> --to <day> [--format csv|json] [--statements] [--url <url>]
              [--header <name: value>] [--ca <file>] [--cert <file>] [--key <file>]
                                              prints the figures or statements of reasons of a running server
       satoshigle --help                      prints this help
       satoshigle --version                   prints the version

Configure the server with environment variables or a .env file in the working directory, for example:
       PORT=8080 LOG_LEVEL=warn satoshigle
`;

/**
 * Runs the command given on the command line. Each loads only what it needs.
 * @returns the exit code, or undefined if the server should start
 */
export async function runCommand(args: string[], readConfig: () => Promise<Config>): Promise<number | undefined> {
  const given = parse(args);
  if (given === undefined) {
    process.stderr.write(USAGE);
    return 2;
  }
  if ("print" in given) {
    process.stdout.write(given.print);
    return 0;
  }
  if (given.command === undefined) return undefined;
  if (given.command === "check") return runCheck(given);
  if (given.command === "transparency") return runTransparency(given.options, readConfig);
  return keepRecords(given.command, given, await readConfig());
}

async function runTransparency(options: TransparencyOptions, readConfig: () => Promise<Config>): Promise<number> {
  const { printTransparency } = await import("./transparency/command.js");
  const url = options.url ?? internalUrl(await readConfig());
  const printError = (text: string) => process.stderr.write(`${text}\n`);
  return printTransparency({ ...options, url }, process.stdout, printError);
}

/** Where this machine reaches the internal listener. */
function internalUrl({ INTERNAL_HOST, INTERNAL_PORT, INTERNAL_TLS_CERT_FILE }: Config): string {
  const host = ["0.0.0.0", "::"].includes(INTERNAL_HOST) ? "127.0.0.1" : INTERNAL_HOST;
  const scheme = INTERNAL_TLS_CERT_FILE === "" ? "http" : "https";
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${String(INTERNAL_PORT)}`;
}

async function runCheck({ isJson, urls }: CheckGiven): Promise<number> {
  const [{ check }, { processSources }] = await Promise.all([import("./check/check.js"), import("./config.js")]);
  const print = (text: string) => process.stdout.write(text);
  return check({ sources: processSources(), urls, isJson, print });
}

async function keepRecords(command: "backup" | "restore", given: Given, config: Config): Promise<number> {
  try {
    if (config.REDIS_ENABLED) throw new Error("with REDIS_ENABLED=true the records are in Redis: back up Redis");
    process.stdout.write(`${await (command === "backup" ? backUp(config, given) : putBack(config, given))}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`The ${command} failed: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

interface Given {
  file: string;
  replace: boolean;
}

interface CheckGiven {
  isJson: boolean;
  /** Where browsers reach the server. */
  urls: readonly string[];
}

type CommandLine =
  | { print: string }
  | { command: undefined }
  | ({ command: "check" } & CheckGiven)
  | { command: "transparency"; options: TransparencyOptions }
  | ({ command: "backup" | "restore" } & Given);

/** Parses the command line. Returns undefined if it is invalid. */
function parse(args: string[]): CommandLine | undefined {
  const parsed = parseOptions(args);
  if (parsed === undefined) return undefined;
  const { values, positionals } = parsed;
  if (values.help) return { print: USAGE };
  if (values.version) return { print: `${VERSION}\n` };
  const [command, file, ...others] = positionals;
  const has = (...names: string[]) => Object.keys(values).every((name) => names.includes(name));
  const { replace = false, json: isJson = false, url: urls = [], ...options } = values;
  switch (command) {
    case undefined:
      return has() ? { command } : undefined;
    case "check": {
      const isValid = file === undefined && has("json", "url") && urls.every((url) => URL.canParse(url));
      return isValid ? { command, isJson, urls } : undefined;
    }
    case "transparency": {
      const isValid = file === undefined && !replace && !isJson && urls.length <= 1;
      return isValid ? { command, options: { ...options, url: urls[0] } } : undefined;
    }
    case "backup":
    case "restore":
      return file !== undefined && others.length === 0 && has("replace") ? { command, file, replace } : undefined;
    default:
      return undefined;
  }
}

function parseOptions(args: string[]) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args,
      options: {
        help: { type: "boolean", short: "h" },
        version: { type: "boolean", short: "v" },
        replace: { type: "boolean" },
        json: { type: "boolean" },
        url: { type: "string", multiple: true },
        ...{ from: text, to: text, format: text, ca: text, cert: text, key: text },
        statements: { type: "boolean" },
        header: { type: "string", multiple: true },
      },
      allowPositionals: true,
    });
  } catch {
    return undefined;
  }
}

async function backUp({ DATA_DIR: folder }: Config, { file, replace }: Given): Promise<string> {
  const { backup } = await import("./adapters/lmdb/backup.js");
  const entries = await backup(folder, file, { replace });
  return `${file} contains the records of ${folder}: ${String(entries)} entries, verified`;
}

async function putBack({ DATA_DIR: folder }: Config, { file, replace }: Given): Promise<string> {
  const { restore } = await import("./adapters/lmdb/backup.js");
  const { entries, former } = await restore(folder, file, { replace }, Date.now());
  const kept = former === undefined ? "" : `; the previous records are in ${former}`;
  return `${folder} contains the records of ${file}: ${String(entries)} entries${kept}`;
}
