import bcd from "@mdn/browser-compat-data" with { type: "json" };
import { dirname, relative, resolve } from "node:path";
import ts from "typescript";

/** A use of an API of browsers or of the language. */
export interface ApiUse {
  /** Such as `Navigator.locks`. */
  name: string;
  file: string;
  /** The first version of a browser that has it: Infinity for none, 0 if not known. */
  since: (browser: string) => number;
}

interface Compatibility {
  __compat?: { support: Record<string, Support | Support[]> };
  [member: string]: unknown;
}

interface Support {
  version_added: string | boolean | null;
  flags?: unknown;
}

type Features = Record<string, Compatibility | undefined>;

/** The uses of APIs in a project that are not guarded by a check whether the browser has them. */
export function apiUses(project: string): ApiUse[] {
  const config = ts.getParsedCommandLineOfConfigFile(project, {}, { ...ts.sys, onUnRecoverableConfigFileDiagnostic });
  if (!config) throw new Error(`${project} cannot be read`);
  const program = ts.createProgram(config.fileNames, config.options);
  const checker = program.getTypeChecker();
  const uses: ApiUse[] = [];
  const folder = resolve(dirname(project));
  for (const source of program.getSourceFiles()) {
    if (source.isDeclarationFile || !source.fileName.startsWith(folder)) continue;
    const visit = (node: ts.Node): void => {
      if (ts.isIdentifier(node) && !isGuarded(node)) {
        const found = featureOf(checker.getSymbolAtLocation(node));
        if (found) uses.push({ ...found, file: relative(".", source.fileName) });
      }
      if (!ts.isTypeNode(node)) ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return uses;
}

function onUnRecoverableConfigFileDiagnostic({ messageText }: ts.Diagnostic): void {
  throw new Error(ts.flattenDiagnosticMessageText(messageText, "\n"));
}

/** Whether the code goes on without it: `typeof name`, `object.name?.`, or an optional parameter of a call. */
function isGuarded(node: ts.Identifier): boolean {
  let whole: ts.Node = node;
  if (ts.isPropertyAccessExpression(node.parent) && node.parent.name === node) whole = node.parent;
  const { parent } = whole;
  if (ts.isTypeOfExpression(parent)) return true;
  const isChained = ts.isCallExpression(parent) || ts.isPropertyAccessExpression(parent);
  return isChained && parent.expression === whole && parent.questionDotToken !== undefined;
}

function featureOf(symbol: ts.Symbol | undefined): Omit<ApiUse, "file"> | undefined {
  const declaration = symbol?.declarations?.find((one) =>
    one.getSourceFile().fileName.includes("/typescript/lib/lib."),
  );
  if (!symbol || !declaration) return undefined;
  const { parent } = declaration;
  const owner = ts.isInterfaceDeclaration(parent) ? parent.name.text : undefined;
  const feature = owner === undefined ? global(symbol.name) : member(owner, symbol.name);
  if (!feature?.__compat) return undefined;
  const { support } = feature.__compat;
  return {
    name: owner === undefined ? symbol.name : `${owner}.${symbol.name}`,
    since: (browser) => Math.min(...[support[browser] ?? []].flat().map(firstVersion)),
  };
}

function firstVersion({ version_added: version, flags }: Support): number {
  if (version === false || flags !== undefined) return Infinity;
  return typeof version === "string" ? Number.parseFloat(version.replace("≤", "")) || 0 : 0;
}

const [api, builtins] = [bcd.api, bcd.javascript.builtins] as unknown as [Features, Features];

function global(name: string): Compatibility | undefined {
  return api[name] ?? builtins[name];
}

/** @param owner an interface, or the type of its constructor, such as `ObjectConstructor` */
function member(owner: string, name: string): Compatibility | undefined {
  const type = owner.replace(/Constructor$/, "");
  for (const features of [api, builtins]) {
    const found = features[type]?.[name] ?? features[type]?.[`${name}_static`];
    if (found) return found as Compatibility;
  }
  return api[name];
}
