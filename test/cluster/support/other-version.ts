/** Replaces text in the server's modules when they are loaded. Fails if a module does not contain the text. */
const hooks = `
  const replacements = JSON.parse(process.env.OTHER_VERSION);
  export async function load(url, context, next) {
    const loaded = await next(url, context);
    const [, from, to] = replacements.find(([file]) => url.endsWith(file)) ?? [];
    if (from === undefined) return loaded;
    const [source, pattern] = [String(loaded.source), new RegExp(from)];
    if (!pattern.test(source)) throw new Error(url + " does not contain " + from);
    return { ...loaded, source: source.replace(pattern, to) };
  }`;

const program = `
  import { register } from "node:module";
  register("data:text/javascript," + encodeURIComponent(${JSON.stringify(hooks)}));`;

/**
 * Variables of an instance that runs as another version of the server.
 * @param schema the format of its data in Redis; that of this version if undefined
 */
export function otherVersion(version: string, schema?: string): Record<string, string> {
  const replacements = [["/dist/src/version.js", "VERSION = version", `VERSION = ${JSON.stringify(version)}`]];
  if (schema !== undefined) {
    replacements.push(["/adapters/redis/agreement.js", 'SCHEMA = "[0-9]+"', `SCHEMA = ${JSON.stringify(schema)}`]);
  }
  return {
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(program)}`,
    OTHER_VERSION: JSON.stringify(replacements),
  };
}
