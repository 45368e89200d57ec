const iterated = [Set.prototype, Map.prototype] as const;

/** Counts the entries of sets and maps that are iterated, and array elements searched or sorted, while `act` runs. */
export function visitsOf(act: () => void): number {
  let visits = 0;
  const undo: (() => void)[] = [];
  const replace = (owner: object, key: PropertyKey, make: (former: (...args: unknown[]) => unknown) => unknown) => {
    const former = Object.getOwnPropertyDescriptor(owner, key);
    if (former === undefined) return;
    Object.defineProperty(owner, key, { ...former, value: make(former.value as (...args: unknown[]) => unknown) });
    undo.push(() => Object.defineProperty(owner, key, former));
  };
  for (const owner of iterated) {
    for (const key of [Symbol.iterator, "values", "keys", "entries"]) {
      replace(owner, key, (former) => {
        return function (this: unknown) {
          const iterator = former.call(this) as Iterator<unknown>;
          const counting = { [Symbol.iterator]: () => counting, next: () => (visits++, iterator.next()) };
          return counting;
        };
      });
    }
  }
  for (const key of ["some", "find", "filter", "map", "sort", "forEach", "findIndex", "includes"]) {
    replace(Array.prototype, key, (former) => {
      return function (this: unknown[], ...args: unknown[]) {
        visits += this.length;
        return former.apply(this, args);
      };
    });
  }
  try {
    act();
  } finally {
    undo.forEach((one) => {
      one();
    });
  }
  return visits;
}
