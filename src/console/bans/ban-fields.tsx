import { ToldField } from "../parts/told-field.js";
import { textIn } from "../parts/subject-or-key.js";
import { EntryError } from "../parts/use-action.js";

/** Units of a duration, in seconds. */
const UNITS = { minutes: 60, hours: 3_600, days: 86_400 } as const;
/** The longest ban: ten years, in seconds. */
const MAX_SECONDS = 315_360_000;

/** The longest statement about a ban. */
const MAX_STATEMENT = 500;

interface Props {
  /** Who reads the statement. */
  reader?: string;
  maxStatement?: number;
}

/** The reason, the statement and the duration of a ban or another measure, to be read with `readTerms`. */
export function BanFields({ reader = "banned person", maxStatement = MAX_STATEMENT }: Props) {
  return (
    <>
      <label class="wide">
        Reason, for moderators
        <input name="reason" maxLength={500} autocomplete="off" />
      </label>
      <ToldField name="statement" label={`What the ${reader} reads`} maxLength={maxStatement} />
      <label class="narrow">
        Duration
        <input name="amount" type="number" min={1} step={1} defaultValue="7" required />
      </label>
      <label>
        Unit
        <select name="unit">
          {Object.keys(UNITS).map((unit) => (
            <option key={unit} value={unit} selected={unit === "days"}>
              {unit}
            </option>
          ))}
        </select>
      </label>
    </>
  );
}

/** What the fields contain. */
interface Terms {
  reason: string;
  statement: string;
  duration: { seconds: bigint; nanos: number };
}

/** @throws EntryError for a duration that the server would refuse */
export function readTerms(data: FormData): Terms {
  const unit = Object.entries(UNITS).find(([name]) => name === textIn(data, "unit"))?.[1] ?? UNITS.days;
  const seconds = Number(textIn(data, "amount")) * unit;
  if (!Number.isInteger(seconds) || seconds < 60 || seconds > MAX_SECONDS) {
    throw new EntryError("The duration must be from one minute to ten years.");
  }
  const [reason, statement] = [textIn(data, "reason"), textIn(data, "statement")];
  return { reason, statement, duration: { seconds: BigInt(seconds), nanos: 0 } };
}
