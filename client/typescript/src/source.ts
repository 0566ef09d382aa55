// SPDX-License-Identifier: Apache-2.0

/** Bytes that can be read several times, so that an upload can be retried. */
export interface RereadableSource {
  /** Number of bytes. */
  readonly size: number;
  /** Begins to read from the start. */
  stream(): ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;
}

/**
 * The bytes of a photo. A `Blob` and a `File` are rereadable sources, and in
 * Node the result of `photoFile`. An upload from a stream is never retried,
 * because its bytes can be read only once.
 */
export type PhotoSource =
  | Uint8Array
  | RereadableSource
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>;

/** The server accepts 256 KiB; smaller chunks bound the memory of an upload. */
const chunkBytes = 64 * 1024;

/** Returns the number of bytes, or undefined if the source can be read once. */
export function rereadableSize(source: PhotoSource): number | undefined {
  if (source instanceof Uint8Array) return source.byteLength;
  return "stream" in source ? source.size : undefined;
}

// Browsers without asynchronous iteration of streams still have readers.
async function* readStream(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  let finished = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      finished = done;
      if (done) return;
      yield value;
    }
  } finally {
    if (!finished) void reader.cancel().catch(() => {});
  }
}

export function readBytes(
  bytes: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  return "getReader" in bytes ? readStream(bytes) : bytes;
}

function* slices(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += chunkBytes) {
    yield bytes.subarray(start, start + chunkBytes);
  }
}

/** Reads the source in chunks of at most 64 KiB. */
export async function* readChunks(source: PhotoSource): AsyncGenerator<Uint8Array> {
  if (source instanceof Uint8Array) {
    yield* slices(source);
    return;
  }
  for await (const bytes of readBytes("stream" in source ? source.stream() : source)) {
    yield* slices(bytes);
  }
}
