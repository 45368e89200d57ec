/** Prints rows as an aligned Markdown table. */
export function printTable(title: string, rows: readonly Record<string, string>[]): void {
  const names = Object.keys(rows[0] ?? {});
  const widths = names.map((name) => Math.max(name.length, ...rows.map((row) => row[name]?.length ?? 0)));
  const line = (cells: string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const rule = widths.map((width) => "-".repeat(width));
  const body = rows.map((row) => names.map((name) => row[name] ?? ""));
  process.stdout.write(`\n${title}\n\n${[names, rule, ...body].map(line).join("\n")}\n`);
}
