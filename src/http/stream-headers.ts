/**
 * Headers of a stream, so that proxies forward each event immediately and unchanged. By default, nginx buffers responses
 * and content delivery networks compress them.
 */
export const STREAM_HEADERS = { "x-accel-buffering": "no", "cache-control": "no-transform" } as const;
