// SPDX-License-Identifier: Apache-2.0

import { Code, ConnectError } from "@connectrpc/connect";
import type { CallOptions, Connection } from "./connection.js";
import { PinholeError } from "./errors.js";
import {
  type DownloadPhotoRequest,
  type DownloadPhotoResponse,
  PhotoService,
  type RenditionHead,
} from "./gen/pinhole/v1/photo_service_pb.js";
import { Retry } from "./retry.js";

async function* attempt(
  connection: Connection,
  request: DownloadPhotoRequest,
  signal: AbortSignal | undefined,
  timeoutMs: number,
): AsyncGenerator<DownloadPhotoResponse["part"]> {
  const cancel = new AbortController();
  const signals = signal ? [signal, cancel.signal] : [cancel.signal];
  try {
    const stub = connection.stub(PhotoService);
    const options = {
      signal: AbortSignal.any(signals),
      ...(Number.isFinite(timeoutMs) && { timeoutMs }),
    };
    for await (const { part } of stub.downloadPhoto(request, options)) yield part;
  } finally {
    // A stub does not notice that its caller stops reading.
    cancel.abort();
  }
}

/**
 * Yields the head and then the chunks. A download that breaks off continues
 * where it ended, as long as the bytes are the same.
 */
async function* resumed(
  connection: Connection,
  request: DownloadPhotoRequest,
  { signal }: CallOptions,
): AsyncGenerator<RenditionHead | Uint8Array> {
  const policy = connection.retryPolicy;
  const retry = new Retry(policy, "safe", connection.transferTimeoutMs);
  let head: RenditionHead | undefined;
  let received = 0n;
  for (;;) {
    try {
      const from = { ...request, offset: received };
      for await (const part of attempt(connection, from, signal, retry.remainingMs())) {
        if (part.case === "head") {
          if (head && head.etag !== part.value.etag) {
            throw new ConnectError("the rendition changed during the download", Code.DataLoss);
          }
          if (!head) yield part.value;
          head = part.value;
        } else if (part.case === "chunk") {
          received += BigInt(part.value.byteLength);
          yield part.value;
        }
      }
      if (received === head?.sizeBytes) return;
      throw new ConnectError(
        `the download is incomplete: received ${received} of ${head?.sizeBytes} bytes`,
        Code.Unavailable,
      );
    } catch (error) {
      await connection.waitToRetry(retry, error, signal);
    }
  }
}

/**
 * A rendition whose bytes arrive while they are read. Read them once, with
 * `bytes()` or `for await`; otherwise cancel the download with its signal.
 */
export class Download implements AsyncIterable<Uint8Array> {
  private constructor(
    /** Media type, size and entity tag. */
    readonly head: RenditionHead,
    private readonly parts: AsyncGenerator<RenditionHead | Uint8Array>,
  ) {}

  /** Resolves when the head has arrived. Rejects with a `PinholeError`. */
  static async begin(
    connection: Connection,
    request: DownloadPhotoRequest,
    options: CallOptions,
  ): Promise<Download> {
    const parts = resumed(connection, request, options);
    const { value } = await parts.next();
    if (!value || value instanceof Uint8Array) {
      throw PinholeError.from(
        new ConnectError("the server sent no head of the download", Code.Internal),
      );
    }
    return new Download(value, parts);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for await (const part of this.parts) yield part as Uint8Array;
  }

  /** Reads all bytes into memory. */
  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    const all = new Uint8Array(Number(this.head.sizeBytes));
    let length = 0;
    for await (const chunk of this) {
      all.set(chunk, length);
      length += chunk.byteLength;
    }
    return all;
  }
}
