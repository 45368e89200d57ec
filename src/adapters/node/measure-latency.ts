/** Wraps an object. After each asynchronous method settles, `onAnswer` gets its latency in milliseconds. */
export function measureLatency<T extends object>(target: T, onAnswer: (latencyMs: number) => void): T {
  return new Proxy(target, {
    get: (_, name) => {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      return (...args: unknown[]): unknown => {
        const startMs = performance.now();
        const answer: unknown = Reflect.apply(member, target, args);
        if (!(answer instanceof Promise)) return answer;
        return answer.finally(() => {
          onAnswer(performance.now() - startMs);
        });
      };
    },
  });
}
