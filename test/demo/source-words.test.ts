import { readdirSync, readFileSync } from "node:fs";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const FOLDER = "src/demo";
/** Attributes that people see or hear. */
const SHOWN = new Set(["aria-label", "title", "placeholder", "alt", "label", "aria-description"]);
const SENTENCE = /\p{Lu}?\p{L}+,? \p{L}{2,}/u;
const WORD = /^\p{Lu}\p{Ll}{2,}[.…!?:]?$/u;

/** Names that browsers give to keys, errors and headers, and the name of the product. */
const NAMES = new Set(
  "Escape ArrowRight ArrowLeft Enter Backspace Satoshigle NotAllowedError SecurityError NotReadableError AbortError".split(
    " ",
  ),
);

/** Modules of the build, which people do not see. */
const BUILD = new Set(["vite.config.ts", "css-fallbacks.ts"]);

/** An example of what people paste, the same everywhere. */
const INVOICE_START = "lnbc…";

/** Strings that are for the machine, although they have the look of words. */
function isForMachine(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isImportDeclaration(parent) || ts.isImportTypeNode(parent) || ts.isLiteralTypeNode(parent)) return true;
  const attribute = ts.findAncestor(node, ts.isJsxAttribute);
  if (attribute) return !SHOWN.has(attribute.name.getText()) && attribute.name.getText() !== "name";
  const call = ts.isCallExpression(parent) ? parent.expression.getText() : "";
  return /closest|querySelector(All)?|\.split$/.test(call);
}

/** The words in the source of a component or module that do not come from the catalogue. */
function wordsIn(name: string, source: string): string[] {
  const kind = name.endsWith("x") ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node) && /\p{L}/u.test(node.text) && !NAMES.has(node.text.trim())) found.push(node.text.trim());
    const isText = ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node);
    if (isText || ts.isTemplateHead(node) || ts.isTemplateMiddle(node) || ts.isTemplateTail(node)) {
      const attribute = ts.isJsxAttribute(node.parent) && SHOWN.has(node.parent.name.getText());
      const isShown = attribute && /\p{L}/u.test(node.text) && node.text !== INVOICE_START;
      const looksLikeWords = SENTENCE.test(node.text) || (WORD.test(node.text) && !NAMES.has(node.text));
      if (isShown || (looksLikeWords && !isForMachine(node))) found.push(node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(name, source, ts.ScriptTarget.Latest, true, kind));
  return found;
}

/** Lists of language codes, and paths of icons, which no one reads. */
const isData = (text: string) => /^([a-z]{2,3} )+[a-z]{2,3}$/.test(text) || /^M[\d.\s-]/.test(text);

describe("the words of the page", () => {
  const files = readdirSync(FOLDER, { recursive: true, encoding: "utf8" }).filter(
    (name) => /\.tsx?$/.test(name) && !BUILD.has(name),
  );

  it.each(files)("are not in the source, in %s", (name) => {
    const words = wordsIn(name, readFileSync(`${FOLDER}/${name}`, "utf8")).filter((text) => !isData(text));
    expect(words).toEqual([]);
  });

  it("are not in the document either, but for the name", () => {
    const html = readFileSync(`${FOLDER}/index.html`, "utf8").replace(/<(script|meta|link)[^>]*>/g, "");
    expect(html.replace(/<[^>]+>/g, " ").match(/\p{L}+/gu)).toEqual(["Satoshigle"]);
  });

  it.each([
    "<p>Hello</p>",
    '<button aria-label="close it" />',
    '<p>{ready ? "Send" : ""}</p>',
    "<p>{`You have ${count} messages`}</p>",
    'const words = "Try again in a minute";',
    'throw new Error("Try again");',
  ])("would be found in %s", (source) => {
    expect(
      wordsIn(
        "planted.tsx",
        `const planted = () => { return ${source.replace(/^(const|throw) .*/, "null")}; }; ${source.startsWith("<") ? "" : source}`,
      ),
    ).not.toEqual([]);
  });
});

it("has styles that follow the direction of reading: no side is left or right", () => {
  const physical =
    /(^|[\s;{])(left|right|(margin|padding|border)-(left|right)|border-(top|bottom)-(left|right)-radius)\s*:|text-align: (left|right)|float: (left|right)/;
  const folder = `${FOLDER}/styles`;
  const broken = readdirSync(folder).filter((name) => physical.test(readFileSync(`${folder}/${name}`, "utf8")));
  expect(broken).toEqual([]);
});
