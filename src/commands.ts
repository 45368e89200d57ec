import { parseArgs } from "node:util";
import { backup, restore } from "./adapters/lmdb/backup.js";
import type { Config } from "./config.js";

const USAGE = `Usage: node dist/src/main.js                               serves
       node dist/src/main.js backup [--replace] <file>   copies the records in DATA_DIR into a file
       node dist/src/main.js restore [--replace] <file>  puts such a file in their place
`;

/** Carries out a command of the command line. @returns the exit code */
export async function runCommand(name: string, args: string[], config: Config): Promise<number> {
  const given = parse(args);
  if (given === undefined || (name !== "backup" && name !== "restore")) {
    process.stderr.write(USAGE);
    return 2;
  }
  try {
    if (config.REDIS_ENABLED) throw new Error("with REDIS_ENABLED=true the records are in Redis: back up that");
    process.stdout.write(`${await (name === "backup" ? backUp(config, given) : putBack(config, given))}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`The ${name} failed: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

interface Given {
  file: string;
  replace: boolean;
}

/** Undefined unless exactly one file is named. */
function parse(args: string[]): Given | undefined {
  try {
    const { values, positionals } = parseArgs({
      args,
      options: { replace: { type: "boolean" } },
      allowPositionals: true,
    });
    const [file, ...others] = positionals;
    if (file === undefined || others.length > 0) return undefined;
    return { file, replace: values.replace ?? false };
  } catch {
    return undefined;
  }
}

async function backUp({ DATA_DIR: folder }: Config, { file, replace }: Given): Promise<string> {
  const entries = await backup(folder, file, { replace });
  return `${file} holds the records of ${folder}: ${String(entries)} entries, read back in full`;
}

async function putBack({ DATA_DIR: folder }: Config, { file, replace }: Given): Promise<string> {
  const { entries, former } = await restore(folder, file, { replace }, Date.now());
  const kept = former === undefined ? "" : `; what was there is ${former}`;
  return `${folder} holds the records of ${file}: ${String(entries)} entries${kept}`;
}
