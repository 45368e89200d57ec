import { useId, useRef } from "preact/hooks";
import { Dialog } from "../parts/dialog.js";
import { EntryError, useAction } from "../parts/use-action.js";
import { type HeldKey, readKey } from "./key.js";

/** More than any key file has. */
const MAX_FILE_BYTES = 64 * 1024;

interface Props {
  onClose: () => void;
  onKey: (key: HeldKey) => void;
}

/** Asks for the private key. Its fields have no names, so that no form can contain them. */
export function KeyDialog({ onClose, onKey }: Props) {
  const id = useId();
  const [field, files] = [useRef<HTMLInputElement>(null), useRef<HTMLInputElement>(null)];
  const { run, isRunning, problem } = useAction(async () => {
    const file = files.current?.files?.[0];
    onKey(await readKey(file ? await textOf(file) : (field.current?.value ?? "")));
  });
  return (
    <Dialog title="Your key for evidence" onClose={onClose}>
      <p class="soft" id={id}>
        Evidence is decrypted in this tab. The key stays in its memory until you choose “Forget key”, reload or close
        the tab. It is not sent to the server, and not stored.
      </p>
      <form
        autocomplete="off"
        onSubmit={(event) => {
          event.preventDefault();
          run(undefined);
        }}
      >
        <div class="fields">
          <label class="wide">
            Private key
            <input
              ref={field}
              type="text"
              class="secret"
              placeholder="AGE-SECRET-KEY-…"
              aria-describedby={id}
              autocomplete="off"
              autocapitalize="off"
              spellcheck={false}
            />
          </label>
        </div>
        <div class="fields">
          <label class="wide">
            Or a key file
            <input ref={files} type="file" />
          </label>
        </div>
        {problem !== "" && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <div class="buttons">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="main" aria-disabled={isRunning}>
            Decrypt
          </button>
        </div>
      </form>
    </Dialog>
  );
}

async function textOf(file: File): Promise<string> {
  if (file.size > MAX_FILE_BYTES) throw new EntryError("This file is too large to be a key file.");
  try {
    return await file.text();
  } catch {
    throw new EntryError("This file cannot be read. Was it moved?");
  }
}
