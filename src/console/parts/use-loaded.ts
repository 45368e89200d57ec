import { useEffect, useState } from "preact/hooks";
import { reasonOf, sentenceOf } from "./sentence.js";

/** Something that was loaded, and how to load it again. */
export interface Loaded<Value> {
  /** Undefined before the first answer. */
  value: Value | undefined;
  /** Why the latest request failed; empty if it did not. The value is then that of before. */
  problem: string;
  /** The reason that the server gave for it, such as `NODE_MISSING`; empty without one. */
  reason: string;
  isLoading: boolean;
  reload: () => void;
}

/** Loads something once, and again when it is asked for. */
export function useLoaded<Value>(load: (signal: AbortSignal) => Promise<Value>): Loaded<Value> {
  const [reloads, setReloads] = useState(0);
  const [state, setState] = useState<Omit<Loaded<Value>, "reload">>({
    ...{ value: undefined, problem: "", reason: "", isLoading: true },
  });
  const reload = () => setReloads((count) => count + 1);
  useEffect(() => {
    const loading = new AbortController();
    setState((before) => ({ ...before, isLoading: true }));
    load(loading.signal).then(
      (value) => {
        if (!loading.signal.aborted) setState({ value, problem: "", reason: "", isLoading: false });
      },
      (error: unknown) => {
        if (loading.signal.aborted) return;
        const failure = { problem: sentenceOf(error), reason: reasonOf(error), isLoading: false };
        setState((before) => ({ ...before, ...failure }));
      },
    );
    return () => {
      loading.abort();
    };
  }, [reloads]);
  return { ...state, reload };
}
