/**
 * The same function, but called once for each key: later calls get the same promise. A call that failed is forgotten.
 */
export function once<Arguments extends readonly unknown[], T>(
  keyOf: (...given: Arguments) => string,
  make: (...given: Arguments) => Promise<T>,
): (...given: Arguments) => Promise<T> {
  const made = new Map<string, Promise<T>>();
  return async (...given) => {
    const key = keyOf(...given);
    const known = made.get(key);
    if (known !== undefined) return known;
    const making = make(...given);
    made.set(key, making);
    making.catch(() => made.delete(key));
    return making;
  };
}
