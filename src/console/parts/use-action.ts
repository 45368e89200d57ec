import { useState } from "preact/hooks";
import { sentenceOf } from "./sentence.js";

/** A problem that is a sentence for operators already, such as one with what they entered. */
export class EntryError extends Error {}

export interface Action<Input> {
  run: (input: Input) => void;
  isRunning: boolean;
  /** Why the latest run failed; empty if it did not. */
  problem: string;
}

/** Runs an action that may fail, one at a time. Buttons use `aria-disabled` meanwhile: `disabled` would lose the focus. */
export function useAction<Input>(act: (input: Input) => Promise<void>): Action<Input> {
  const [{ isRunning, problem }, setState] = useState({ isRunning: false, problem: "" });
  const attempt = async (input: Input) => {
    setState({ isRunning: true, problem: "" });
    try {
      await act(input);
      setState({ isRunning: false, problem: "" });
    } catch (error) {
      setState({ isRunning: false, problem: error instanceof EntryError ? error.message : sentenceOf(error) });
    }
  };
  const run = (input: Input) => {
    if (!isRunning) void attempt(input);
  };
  return { run, isRunning, problem };
}
