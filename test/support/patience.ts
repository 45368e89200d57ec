/** When a test gives up waiting. It only ends what hangs: a busy machine may take minutes for what takes seconds. */
export const PATIENCE_MS = 180_000;
