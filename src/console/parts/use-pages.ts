import { useEffect, useState } from "preact/hooks";
import { reasonOf, sentenceOf } from "./sentence.js";

export interface Page<Row> {
  rows: readonly Row[];
  nextPageToken: string;
}

export type LoadPage<Row> = (pageToken: string, signal: AbortSignal) => Promise<Page<Row>>;

/** One page of a list, and how to move on. */
export interface Pages<Row> {
  /** Undefined before the first answer. */
  rows: readonly Row[] | undefined;
  /** Why the latest request failed; empty if it did not. The rows are then those of before. */
  problem: string;
  /** The reason that the server gave for it, such as `DEPOSITS_OFF`; empty without one. */
  reason: string;
  isLoading: boolean;
  /** When the rows were loaded. */
  loaded: Date | undefined;
  isFirst: boolean;
  hasOlder: boolean;
  toNewest: () => void;
  toNewer: () => void;
  toOlder: () => void;
  reload: () => void;
}

interface Loaded<Row> {
  page: Page<Row> | undefined;
  at: Date | undefined;
  problem: string;
  reason: string;
  isLoading: boolean;
}

const NOTHING = { page: undefined, at: undefined, problem: "", reason: "", isLoading: true };

/**
 * Loads a list page by page. It is not loaded again until it is asked for, so that no row moves while an operator is about
 * to press its button.
 */
export function usePages<Row>(load: LoadPage<Row>): Pages<Row> {
  const [tokens, setTokens] = useState<readonly string[]>([""]);
  const [reloads, setReloads] = useState(0);
  const [loaded, setLoaded] = useState<Loaded<Row>>(NOTHING);
  const token = tokens.at(-1) ?? "";
  useEffect(() => {
    const loading = new AbortController();
    setLoaded((before) => ({ ...before, isLoading: true }));
    load(token, loading.signal).then(
      (page) => {
        if (!loading.signal.aborted) setLoaded({ ...NOTHING, page, at: new Date(), isLoading: false });
      },
      (error: unknown) => {
        if (loading.signal.aborted) return;
        const failure = { problem: sentenceOf(error), reason: reasonOf(error), isLoading: false };
        setLoaded((before) => ({ ...before, ...failure }));
      },
    );
    return () => {
      loading.abort();
    };
  }, [token, reloads]);
  const next = loaded.page?.nextPageToken ?? "";
  const reload = () => setReloads((count) => count + 1);
  return {
    ...{ rows: loaded.page?.rows, problem: loaded.problem, reason: loaded.reason },
    ...{ isLoading: loaded.isLoading, loaded: loaded.at },
    ...{ isFirst: tokens.length === 1, hasOlder: next !== "" },
    toNewest: () => setTokens([""]),
    toNewer: () => setTokens(tokens.slice(0, -1)),
    // The page that is asked for may be on its way, or may have failed to load.
    toOlder: () => (next === token ? reload() : setTokens([...tokens, next])),
    reload,
  };
}

/** How many rows are enough for a page, and how many calls may be made for them. */
export const ENOUGH_ROWS = 50;
const MAX_CALLS = 20;
/** Pages of a filtered list may be short: more is read at once. */
export const FILTERED_PAGE_SIZE = 500;

/** Reads on until there are rows enough, as filters apply to each page of the API. */
export async function collect<Row>(
  fetchPage: (pageToken: string) => Promise<Page<Row>>,
  pageToken: string,
): Promise<Page<Row>> {
  const rows: Row[] = [];
  let nextPageToken = pageToken;
  for (let calls = 0; calls < MAX_CALLS; calls++) {
    const page = await fetchPage(nextPageToken);
    rows.push(...page.rows);
    ({ nextPageToken } = page);
    if (nextPageToken === "" || rows.length >= ENOUGH_ROWS) break;
  }
  return { rows, nextPageToken };
}
