/** A step of a pipeline that throws `exceeded()` after more than `maximumBytes`. */
export function limitTo(maximumBytes: number, exceeded: () => Error) {
  return async function* limit(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let size = 0;
    for await (const chunk of source) {
      size += chunk.length;
      if (size > maximumBytes) throw exceeded();
      yield chunk;
    }
  };
}
