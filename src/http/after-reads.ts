/** What is run after the current reads. */
let due: (() => void)[] = [];

/**
 * Runs a function once the event loop has read from every socket that has data. All that wait are run in one go: an
 * immediate for each would let Node.js process its queues, and write to streams, after each call instead of once.
 */
export function afterReads(run: () => void): void {
  if (due.push(run) === 1) setImmediate(runDue);
}

function runDue(): void {
  const runs = due;
  due = [];
  for (const run of runs) {
    try {
      run();
    } catch (error) {
      queueMicrotask(() => {
        throw error; // uncaught, as if it had been run alone
      });
    }
  }
}
