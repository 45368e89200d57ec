import type { Writable } from "node:stream";
import type { DestinationStream } from "pino";

/** Max bytes buffered for a slow reader; further lines are dropped. */
const MAX_BUFFERED_BYTES = 1_048_576;

/**
 * Writes logs to the standard output, whose failure must not stop the process: with a full disk, or a reader that is
 * gone or slow, only lines are lost. Writes are immediate where possible, so that the last lines before an exit are
 * logged.
 */
export function standardOutput(output: Writable = process.stdout): DestinationStream {
  let lost = 0;
  output.on("error", () => {
    lost++;
  });
  return {
    write: (line) => {
      if (output.writableLength > MAX_BUFFERED_BYTES) {
        lost++;
        return;
      }
      output.write(lost === 0 ? line : warningAbout(lost) + line);
      lost = 0; // if this write fails, its error event counts it
    },
  };
}

function warningAbout(lost: number): string {
  const msg = `${String(lost)} lines of the log were lost: the output is full, or its reader is gone or too slow`;
  return `${JSON.stringify({ level: 40, time: Date.now(), msg })}\n`;
}
