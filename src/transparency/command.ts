import { readFile } from "node:fs/promises";
import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Client, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { stringify } from "csv-stringify";
import { TransparencyService } from "../../gen/satoshigle/internal/v1/transparency_pb.js";
import { OptionError, type Order, readOptions, type TransparencyOptions } from "./options.js";
import { FIGURE_COLUMNS, figureRows, figuresOf, STATEMENT_COLUMNS, statementRow } from "./rows.js";

type Service = Client<typeof TransparencyService>;

/**
 * Prints the figures or the statements of reasons of a running server.
 * @returns the exit code: 2 if an option is not allowed, 1 if the server did not answer
 */
export async function printTransparency(
  options: TransparencyOptions,
  output: Writable,
  printError: (text: string) => void,
): Promise<number> {
  try {
    const order = readOptions(options);
    const service = await connect(order, options);
    await (options.statements === true
      ? printStatements(service, order, output)
      : printFigures(service, order, output));
    await new Promise((resolve) => output.write("", resolve)); // the process exits next
    return 0;
  } catch (error) {
    const problem = error instanceof ConnectError ? error.rawMessage : (error as Error).message;
    printError(`The export failed: ${problem}`);
    return error instanceof OptionError ? 2 : 1;
  }
}

async function connect({ url, headers }: Order, { ca, cert, key }: TransparencyOptions): Promise<Service> {
  const files = Object.entries({ ca, cert, key }).filter(([, path]) => path !== undefined);
  const read = files.map(async ([name, path = ""]): Promise<[string, Buffer]> => [name, await readFile(path)]);
  const nodeOptions = Object.fromEntries(await Promise.all(read));
  const addHeaders: Interceptor = (next) => (request) => {
    for (const [name, value] of headers) request.header.set(name, value);
    return next(request);
  };
  const transport = createConnectTransport({
    ...{ baseUrl: url, httpVersion: "1.1", nodeOptions, interceptors: [addHeaders] },
  });
  return createClient(TransparencyService, transport);
}

async function printFigures(service: Service, order: Order, output: Writable): Promise<void> {
  const { start, end, format } = order;
  const figures = figuresOf(await service.getFigures({ start, end }), order);
  if (format === "json") output.write(`${JSON.stringify(figures, undefined, 2)}\n`);
  else await printCsv(figureRows(figures), FIGURE_COLUMNS, output);
}

async function printStatements(service: Service, { start, end, format }: Order, output: Writable): Promise<void> {
  const rows = statementRows(service, { start, end });
  if (format === "csv") await printCsv(rows, STATEMENT_COLUMNS, output);
  else await pipeline(Readable.from(jsonOf(rows)), output, { end: false });
}

async function* statementRows(service: Service, period: Pick<Order, "start" | "end">) {
  for await (const { statement } of service.exportStatements(period)) if (statement) yield statementRow(statement);
}

/** An array, one item a line. */
async function* jsonOf(rows: AsyncIterable<object>): AsyncGenerator<string, void, undefined> {
  let separator = "[\n";
  for await (const row of rows) {
    yield `${separator}${JSON.stringify(row)}`;
    separator = ",\n";
  }
  yield separator === "[\n" ? "[]\n" : "\n]\n";
}

/** A program for tables may run a cell that begins like a formula, so such a cell begins with an apostrophe. */
async function printCsv(
  rows: Iterable<object> | AsyncIterable<object>,
  columns: readonly string[],
  output: Writable,
): Promise<void> {
  const cast = { boolean: (value: boolean) => String(value) };
  const table = stringify({ columns: [...columns], header: true, escape_formulas: true, cast });
  await pipeline(Readable.from(rows), table, output, { end: false });
}
