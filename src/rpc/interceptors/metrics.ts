import type { ConnectError, Interceptor } from "@connectrpc/connect";
import { codeToString } from "@connectrpc/connect/protocol-connect";
import type { Meter } from "../../ports/meter.js";

/** Counts a call by its code, whichever path served it. A stream counts once, when it opens or is refused. */
export type CallCount = (method: string, error?: ConnectError) => void;

export function createCallCount(meter: Meter): CallCount {
  return (method, error) => {
    meter.called(method, error === undefined ? "ok" : codeToString(error.code));
  };
}

/** Counts the calls that the library serves. Must be outside of the error interceptor. */
export function metricsInterceptor(countCall: CallCount): Interceptor {
  return (next) => async (request) => {
    const { name } = request.method;
    try {
      const response = await next(request);
      if (response.stream) return { ...response, message: counted(response.message, name, countCall) };
      countCall(name);
      return response;
    } catch (error) {
      countCall(name, error as ConnectError);
      throw error;
    }
  };
}

async function* counted<T>(messages: AsyncIterable<T>, method: string, countCall: CallCount): AsyncIterable<T> {
  let opened = false;
  try {
    for await (const message of messages) {
      if (!opened) countCall(method);
      opened = true;
      yield message;
    }
  } catch (error) {
    if (!opened) countCall(method, error as ConnectError);
    throw error;
  }
}
