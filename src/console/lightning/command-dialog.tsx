import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ChannelObjection } from "../../../gen/satoshigle/internal/v1/channel_pb.js";
import { formatSat } from "../parts/amount.js";
import { Dialog } from "../parts/dialog.js";
import { newRequestId } from "../parts/request-id.js";
import { reasonOf, sentenceOf } from "../parts/sentence.js";
import { EntryError, useAction } from "../parts/use-action.js";

/** What a command would cost, and what the policy has against it. */
export interface Trial {
  feeSat: bigint;
  objections: readonly ChannelObjection[];
}

interface Props<Terms> {
  title: string;
  /** The word on the last button. */
  verb: string;
  isGrave?: boolean;
  /** The fields of the form. */
  children: ComponentChildren;
  /** @throws EntryError */
  read: (data: FormData) => Terms;
  /** What it would cost. Does nothing. */
  check: (terms: Terms) => Promise<Trial>;
  /** What is going to be done. */
  describe: (terms: Terms) => ComponentChildren;
  run: (commandId: string, terms: Terms) => Promise<void>;
  onClose: () => void;
}

/**
 * Terms that were checked. A repeated call with the ID does nothing twice, so a command that was not answered keeps it
 * for as long as its terms stay the same.
 */
interface Checked<Terms> extends Trial {
  terms: Terms;
  commandId: string;
}

/** The node or the policy said no: the same command would be refused again, so that the terms are to be changed. */
const REFUSALS = ["NODE_REFUSED", "POLICY_REFUSED"];

/** Gives the node a command in two steps: what it would cost and what the policy says, and then the command. */
export function CommandDialog<Terms>(props: Props<Terms>) {
  const { title, verb, isGrave = false, children, read, check, describe, run, onClose } = props;
  const [checked, setChecked] = useState<Checked<Terms>>();
  const form = useRef<HTMLFormElement>(null);
  const summary = useRef<HTMLDivElement>(null);
  const isFirst = useRef(true);
  const unanswered = useRef<Checked<Terms> | undefined>(undefined);
  const command = async (given: Checked<Terms>) => {
    unanswered.current = given;
    try {
      await run(given.commandId, given.terms);
    } catch (error) {
      if (!REFUSALS.includes(reasonOf(error))) throw error;
      unanswered.current = undefined;
      setChecked(undefined);
      throw new EntryError(sentenceOf(error));
    }
  };
  const action = useAction(async (input: FormData | Checked<Terms>) => {
    if (!(input instanceof FormData)) return command(input);
    const terms = read(input);
    const before = unanswered.current;
    const commandId = before && isSame(before.terms, terms) ? before.commandId : newRequestId();
    setChecked({ ...(await check(terms)), terms, commandId });
  });
  useLayoutEffect(() => {
    // The button that was pressed is gone.
    if (checked) summary.current?.focus();
    else if (!isFirst.current) form.current?.querySelector("input")?.focus();
    isFirst.current = false;
  }, [checked]);
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        ref={form}
        hidden={checked !== undefined}
        onSubmit={(event) => {
          event.preventDefault();
          action.run(new FormData(event.currentTarget));
        }}
      >
        {children}
        <Problem text={action.problem} />
        <div class="buttons">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="main" aria-disabled={action.isRunning}>
            Check
          </button>
        </div>
      </form>
      {checked && (
        <>
          <div ref={summary} tabIndex={-1} role="group" aria-label="What is going to be done">
            {describe(checked.terms)}
            <p>
              {checked.feeSat === 0n
                ? "It costs nothing on the chain."
                : `Fee on the chain: ${formatSat(checked.feeSat)}, as the node estimates it.`}
            </p>
            <Objections objections={checked.objections} />
            <Doubt unanswered={unanswered.current} checked={checked} />
          </div>
          <Problem text={action.problem} />
          <div class="buttons">
            <button type="button" onClick={onClose}>
              Cancel
            </button>
            <button type="button" onClick={() => setChecked(undefined)}>
              Back
            </button>
            {checked.objections.length === 0 && (
              <button
                type="button"
                class={isGrave ? "grave" : "main"}
                aria-disabled={action.isRunning}
                onClick={() => action.run(checked)}
              >
                {verb}
              </button>
            )}
          </div>
        </>
      )}
    </Dialog>
  );
}

/** Messages contain 64-bit numbers, which JSON has no form for. */
function isSame(one: unknown, other: unknown): boolean {
  const asText = (terms: unknown) =>
    JSON.stringify(terms, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
  return asText(one) === asText(other);
}

/** Shown before another command while the outcome of the last one is unknown. */
function Doubt<Terms>({ unanswered, checked }: { unanswered: Checked<Terms> | undefined; checked: Checked<Terms> }) {
  if (unanswered === undefined || unanswered.commandId === checked.commandId) return null;
  return (
    <p class="problem">
      The last command from this form was not answered, and may have been carried out. Look for it among the commands
      before you give another.
    </p>
  );
}

function Problem({ text }: { text: string }) {
  if (text === "") return null;
  return (
    <p class="problem" role="alert">
      {text}
    </p>
  );
}

function Objections({ objections }: Pick<Trial, "objections">) {
  if (objections.length === 0) return <p>The policy allows it.</p>;
  return (
    <>
      <p class="problem">The policy does not allow it:</p>
      <ul class="objections">
        {objections.map(({ rule, message }) => (
          <li key={rule}>
            {message} <small>{rule}</small>
          </li>
        ))}
      </ul>
    </>
  );
}
