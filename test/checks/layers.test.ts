import { existsSync, readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, normalize } from "node:path";
import { runInNewContext } from "node:vm";
import ts from "typescript";
import { describe, expect, it } from "vitest";

/** Which other folders, or single files, a folder may import from. `compose.ts` and `serve.ts` may import everything. */
const layers: Record<string, string[]> = {
  "src/core/metrics": [],
  "src/core": [],
  "src/ports": ["src/core"],
  "src/app": ["src/core", "src/ports"],
  "src/adapters": ["src/core", "src/ports"],
  "src/adapters/lnd": ["src/ports", "gen/lnrpc"],
  "src/http": ["src/core"],
  "src/rpc": ["src/core", "src/ports", "src/app", "src/http", "gen"],
  "src/client": [],
  "src/demo": [], // also the package of the client
  "src/console": ["gen", "src/client/moderation"], // what evidence is, and what is proved of it
};

/** The same among the folders of `rpc`; `.` stands for the files directly in it. */
const rpcLayers: Record<string, string[]> = {
  codec: [],
  interceptors: [],
  admission: ["codec", "interceptors"],
  service: ["codec"],
  commands: ["admission", "codec", "fast-path/prevalidate", "interceptors", "service"],
  "fast-path": ["admission", "codec", "commands", "interceptors", "service"],
  services: ["admission", "codec", "interceptors", "service"],
  routes: ["codec", "commands", "interceptors", "service"],
  "public-listener": ["admission", "codec", "fast-path", "interceptors", "routes", "service", "services/reflection"],
  "internal-listener": ["admission", "codec", "interceptors", "service", "services/reflection"],
};

/** The source files in a folder, or the file of that name. */
function sources(path: string): string[] {
  if (existsSync(`${path}.ts`)) return [`${path}.ts`];
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name) && !/(^|\/)(gen|node_modules|dist)\//.test(name))
    .map((name) => join(path, name));
}

const parsed = new Map<string, ts.SourceFile>();

function parse(file: string): ts.SourceFile {
  const known = parsed.get(file);
  if (known !== undefined) return known;
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
  parsed.set(file, source);
  return source;
}

function visit(node: ts.Node, each: (node: ts.Node) => void): void {
  each(node);
  ts.forEachChild(node, (child) => {
    visit(child, each);
  });
}

/** What a file imports, as it is written. */
function specifiersOf(file: string): string[] {
  return ts.preProcessFile(readFileSync(file, "utf8")).importedFiles.map(({ fileName }) => fileName);
}

/** The project's files that a file imports, as paths without their ending. */
function importsOf(file: string): string[] {
  return specifiersOf(file)
    .filter((specifier) => specifier.startsWith("."))
    .map((specifier) => normalize(join(dirname(file), specifier)).replace(/\.(js|tsx?)$/, ""));
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** Imports that leave a folder for one that it may not import from. */
function strays(folder: string, targets: readonly string[], nested: readonly string[] = []): string[] {
  const files = sources(folder).filter((file) => !nested.some((inner) => isWithin(file, inner)));
  expect(files.length).toBeGreaterThan(0);
  const isAllowed = (path: string) =>
    targets.some((target) => isWithin(path, target)) ||
    (isWithin(path, folder) && !nested.some((inner) => isWithin(path, inner)));
  return files.flatMap((file) =>
    importsOf(file)
      .filter((path) => !isAllowed(path))
      .map((path) => `${file} → ${path}`),
  );
}

describe("imports", () => {
  it.each(Object.entries(layers))("of %s are allowed", (folder, targets) => {
    const nested = Object.keys(layers).filter((other) => other.startsWith(`${folder}/`));
    expect(strays(folder, targets, nested)).toEqual([]);
  });

  it.each(Object.entries(rpcLayers))("of rpc's %s are allowed", (room, targets) => {
    const outside = (layers["src/rpc"] ?? []).concat(targets.map((target) => `src/rpc/${target}`));
    expect(strays(`src/rpc/${room}`, outside)).toEqual([]);
  });

  it("of rpc are defined for every folder", () => {
    const rooms = readdirSync("src/rpc").map((name) => name.replace(/\.ts$/, ""));
    expect(rooms.filter((room) => !(room in rpcLayers))).toEqual([]);
  });

  it("do not lead from one adapter to another", () => {
    const adapters = readdirSync("src/adapters").map((name) => `src/adapters/${name}`);
    expect(adapters.flatMap((adapter) => strays(adapter, layers[adapter] ?? ["src/core", "src/ports"]))).toEqual([]);
  });

  it("of http lead only to errors and headers of rpc", () => {
    const others = sources("src/http")
      .flatMap(specifiersOf)
      .filter((name) => /protobuf|connect/.test(name));
    expect(new Set(others)).toEqual(new Set(["@connectrpc/connect"]));
  });
});

/** The undeclared names that a file uses. */
function freeNames(file: string): Set<string> {
  const [used, declared] = [new Set<string>(), new Set<string>()];
  visit(parse(file), (node) => {
    if (!ts.isIdentifier(node)) return;
    const { parent } = node;
    const isDeclared = "name" in parent && parent.name === node && !ts.isPropertyAccessExpression(parent);
    const isMember =
      (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
      (ts.isQualifiedName(parent) && parent.right === node) ||
      (ts.isBindingElement(parent) && parent.propertyName === node) ||
      ts.isJsxAttribute(parent);
    if (isDeclared) declared.add(node.text);
    else if (!isMember) used.add(node.text);
  });
  return new Set([...used].filter((name) => !declared.has(name)));
}

/** Browser globals, from TypeScript's DOM library. */
function browserGlobals(): Set<string> {
  const library = join(dirname(ts.getDefaultLibFilePath({})), "lib.dom.d.ts");
  const names = new Set<string>(["window"]);
  for (const statement of parse(library).statements) {
    if (ts.isVariableStatement(statement)) {
      for (const { name } of statement.declarationList.declarations) names.add(name.getText());
    } else if (ts.isFunctionDeclaration(statement) && statement.name !== undefined) names.add(statement.name.text);
  }
  return names;
}

describe("globals", () => {
  const ofBrowsers = browserGlobals();
  const used = (folder: string, forbidden: (name: string) => boolean) =>
    sources(folder).flatMap((file) => [...freeNames(file)].filter(forbidden).map((name) => `${file}: ${name}`));

  it.each(["core", "ports", "app", "adapters", "http", "rpc"])("of browsers are not used in %s", (room) => {
    const isBrowserOnly = (name: string) => ofBrowsers.has(name) && !(name in globalThis);
    expect(used(`src/${room}`, isBrowserOnly)).toEqual([]);
  });

  it("of Node.js are not used in the client", () => {
    const ofModules = ["require", "module", "exports", "__dirname", "__filename", "NodeJS"];
    const ofNode = new Set(ofModules.concat(Object.getOwnPropertyNames(globalThis)));
    const ofLanguage = new Set(runInNewContext("Object.getOwnPropertyNames(globalThis)") as string[]);
    const isNodeOnly = (name: string) => ofNode.has(name) && !ofBrowsers.has(name) && !ofLanguage.has(name);
    expect(used("src/client", isNodeOnly)).toEqual([]);
  });

  it("of the environment are read in config.ts alone", () => {
    const readers = sources("src").filter((file) => readFileSync(file, "utf8").includes("process.env"));
    expect(readers).toEqual(["src/config.ts"]);
  });
});

it("the client imports no module of Node.js", () => {
  const isBuiltin = (name: string) => name.startsWith("node:") || builtinModules.includes(name);
  const found = sources("src/client").flatMap((file) => specifiersOf(file).filter(isBuiltin));
  expect(found).toEqual([]);
});

describe("ports", () => {
  const MAX_VERBS = 8;

  it("have at most eight methods", () => {
    const verbs = sources("src/ports").flatMap((file) =>
      parse(file)
        .statements.filter(ts.isInterfaceDeclaration)
        .map(({ name, members }): [string, number] => [name.text, members.filter(ts.isMethodSignature).length]),
    );
    expect(verbs.filter(([, count]) => count > 0).length).toBeGreaterThan(10);
    expect(verbs.filter(([, count]) => count > MAX_VERBS)).toEqual([]);
  });
});
