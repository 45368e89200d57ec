import { join } from "node:path";
import ts from "typescript";
import type { Manifest } from "./manifests.js";

/** The module of `kubernetes-models` that contains the kinds of an API. */
export function moduleOf({ apiVersion }: Manifest): string {
  return `kubernetes-models/${apiVersion}`;
}

/** The compiler's errors for manifests as values of the Kubernetes types, including unknown fields. */
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
