/** Replaces text in the server's program when it is loaded. */
const hooks = `
  const replacements = JSON.parse(process.env.OTHER_VERSION);
  export async function load(url, context, next) {
    const loaded = await next(url, context);
    if (!url.includes("/dist/server/")) return loaded;
    const replace = (source, [from, to]) => source.replace(new RegExp(from), to);
    return { ...loaded, source: replacements.reduce(replace, String(loaded.source)) };
  }`;

const program = `
  import { register } from "node:module";
  register("data:text/javascript," + encodeURIComponent(${JSON.stringify(hooks)}));`;

/**
 * Variables of an instance that runs as another version of the server.
 * @param schema the format of its data in Redis; that of this version if undefined
 */
export function otherVersion(version: string, schema?: string): Record<string, string> {
  const replacements = [["\\bVERSION = version\\b", `VERSION = ${JSON.stringify(version)}`]];
  if (schema !== undefined) {
    replacements.push(['\\bSCHEMA = "[0-9]+"', `SCHEMA = ${JSON.stringify(schema)}`]);
  }
  return {
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(program)}`,
    OTHER_VERSION: JSON.stringify(replacements),
  };
}
