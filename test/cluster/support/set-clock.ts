/**
 * Preloaded into an instance. Its date is off by CLOCK_OFFSET_MS, and jumps by CLOCK_JUMP_MS on each SIGWINCH.
 * Its steady clock and its timers do not change, as on a machine whose date is set.
 */
const program = `
  const now = Date.now;
  let offsetMs = Number(process.env.CLOCK_OFFSET_MS ?? 0);
  Date.now = () => now() + offsetMs;
  process.on("SIGWINCH", () => {
    offsetMs += Number(process.env.CLOCK_JUMP_MS ?? 0);
  });`;

/** The variable that preloads it. */
export const withSetClock = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(program)}` };
