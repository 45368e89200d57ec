export type Closer = () => Promise<void>;

/**
 * Runs work and then closes everything that it opened, the newest first, also if it fails or the run is
 * interrupted.
 */
export async function closing<T>(work: (later: (closer: Closer) => void) => Promise<T>): Promise<T> {
  const closers: Closer[] = [];
  let closed: Promise<void> | undefined;
  const closeAll = async () => {
    for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) {
      await closer().catch((error: unknown) => process.stderr.write(`while closing: ${String(error)}\n`));
    }
  };
  const close = () => (closed = (closed ?? Promise.resolve()).then(closeAll)); // all callers wait for the same close
  const stop = () => void close().then(() => process.exit(130));
  process.once("SIGINT", stop).once("SIGTERM", stop);
  try {
    return await work((closer) => {
      closers.push(closer);
      if (closed !== undefined) void close(); // it was still starting when another part failed
    });
  } finally {
    await close();
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}
