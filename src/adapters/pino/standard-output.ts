import type { Writable } from "node:stream";
import type { DestinationStream } from "pino";

/** How much may wait for a reader that reads nothing, in bytes; lines beyond it are dropped. */
const MOST_WAITING_BYTES = 1_048_576;

/**
 * The standard output as a log that can fail without a consequence: a full disk, a reader that is gone or one that does not
 * read costs lines and nothing else. Where a line can be written at once it is, so that the last words of a process count.
 */
export function standardOutput(output: Writable = process.stdout): DestinationStream {
  let lost = 0;
  output.on("error", () => {
    lost++;
  });
  return {
    write: (line) => {
      if (output.writableLength > MOST_WAITING_BYTES) {
        lost++;
        return;
      }
      output.write(lost === 0 ? line : noteOf(lost) + line);
      lost = 0; // what fails now is counted when it has failed
    },
  };
}

function noteOf(lost: number): string {
  const msg = `${String(lost)} lines of the log were lost: there was no room for them, or nobody read them`;
  return `${JSON.stringify({ level: 40, time: Date.now(), msg })}\n`;
}
