/**
 * Headers of a stream, by which proxies pass each event on at once and unchanged. nginx collects what it receives into
 * large buffers unless it is told otherwise, and content delivery networks compress.
 */
export const STREAM_HEADERS = { "x-accel-buffering": "no", "cache-control": "no-transform" } as const;
