import { join } from "node:path";
import ts from "typescript";
import type { Manifest } from "./manifests.js";

/** In which module of `kubernetes-models` the kinds of an API are. */
export function moduleOf({ apiVersion }: Manifest): string {
  return `kubernetes-models/${apiVersion}`;
}

/** What the compiler says of manifests as values of the types of Kubernetes: also fields that do not exist. */
export function typeErrors(manifests: readonly Manifest[]): string[] {
  const file = join(process.cwd(), "test/deploy/manifests.ts");
  const lines = manifests.map((one, index) => {
    const type = `import("${moduleOf(one)}").I${one.kind}`;
    return `export const manifest${String(index)}: ${type} = ${JSON.stringify(one)};`;
  });
  const options: ts.CompilerOptions = {
    ...{ module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler },
    ...{ strict: true, noEmit: true, skipLibCheck: true, types: [] },
  };
  const host = ts.createCompilerHost(options);
  const readSource = host.getSourceFile.bind(host);
  host.getSourceFile = (name, version) =>
    name === file ? ts.createSourceFile(name, lines.join("\n"), version) : readSource(name, version);
  const program = ts.createProgram([file], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " "));
}
