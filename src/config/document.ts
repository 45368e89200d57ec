import { variableNames, variables } from "./variables.js";

const [BEGIN, END] = ["<!-- configuration -->", "<!-- /configuration -->"];

/** A page with the table of all variables between its markers; undefined for a page without them. */
export function withConfiguration(page: string): string | undefined {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin === -1 || end < begin) return undefined;
  return `${page.slice(0, begin + BEGIN.length)}\n\n${table()}\n\n${page.slice(end)}`;
}

function table(): string {
  const rows = variableNames.map((name) => {
    const { default: fallback, help, allowed } = variables[name];
    return [`\`${name}\``, fallback === "" ? "–" : `\`${fallback}\``, help, allowed];
  });
  const cells = [["variable", "default", "meaning", "allowed"], ["---", "---", "---", "---"], ...rows];
  return cells.map((row) => `| ${row.join(" | ")} |`).join("\n");
}

/** The content of `.env.example`. */
export function envExample(): string {
  const entries = variableNames.map((name) => {
    const { default: fallback, help, allowed } = variables[name];
    return `# ${help}: ${allowed}.\n# ${name}=${fallback}\n`;
  });
  return ["# Every variable with its default. Copy to .env and uncomment what should differ.\n", ...entries].join("\n");
}
