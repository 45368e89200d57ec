/**
 * Calls back after a delay, unless it is cancelled. What has arrived by then is read first: after a delay of the event
 * loop, Node.js runs timers that are due before it reads from connections, and a client that was in time would be cut off.
 * @returns a function that cancels it
 */
export function onReadTimeout(delayMs: number, callback: () => void): () => void {
  let immediate: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    immediate = setImmediate(callback); // runs after the next poll for input
  }, delayMs);
  return () => {
    clearTimeout(timer);
    clearImmediate(immediate);
  };
}
