// SPDX-License-Identifier: Apache-2.0

import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import type { CallOptions, Connection } from "./connection.js";
import {
  type Photo,
  type PhotoMetadata,
  PhotoMetadataSchema,
  PhotoService,
  type UploadPhotoRequest,
  UploadPhotoRequestSchema,
  Visibility,
} from "./gen/pinhole/v1/photo_service_pb.js";
import { newRequestId } from "./names.js";
import { type PhotoSource, readChunks, rereadableSize } from "./source.js";

export interface UploadOptions extends CallOptions {
  readonly caption?: string;
  readonly altText?: string;
  readonly visibility?: Visibility;
  /** A UUID; generated if absent. */
  readonly requestId?: string;
  /** Called with the bytes sent so far and the total, which can be unknown. */
  readonly progress?: (sent: number, total: number | undefined) => void;
}

/** The messages of one attempt. Keeps the error of a source that cannot be read. */
class Messages {
  failure: ConnectError | undefined;

  constructor(
    private readonly metadata: PhotoMetadata,
    private readonly source: PhotoSource,
    private readonly progress: (sent: number) => void,
  ) {}

  async *read(): AsyncGenerator<UploadPhotoRequest> {
    yield create(UploadPhotoRequestSchema, { part: { case: "metadata", value: this.metadata } });
    const chunks = readChunks(this.source);
    let sent = 0;
    try {
      for (;;) {
        const { done, value } = await chunks.next().catch((error) => this.fail(error));
        if (done) return;
        yield create(UploadPhotoRequestSchema, { part: { case: "chunk", value } });
        sent += value.byteLength;
        this.progress(sent);
      }
    } finally {
      await chunks.return(undefined);
    }
  }

  private fail(error: unknown): never {
    const text = error instanceof Error ? error.message : String(error);
    this.failure = new ConnectError(
      `cannot read the photo: ${text}`,
      Code.DataLoss,
      undefined,
      undefined,
      error,
    );
    throw this.failure;
  }
}

export async function upload(
  connection: Connection,
  source: PhotoSource,
  options: UploadOptions,
): Promise<Photo> {
  const { signal, caption = "", altText = "", visibility = Visibility.PUBLIC } = options;
  const total = rereadableSize(source);
  const metadata = create(PhotoMetadataSchema, {
    caption,
    altText,
    visibility,
    sizeBytes: BigInt(total ?? 0),
    requestId: options.requestId || newRequestId(),
  });
  const stub = connection.stub(PhotoService);
  const repeat = total === undefined ? "never" : "safe";
  return connection.run(repeat, connection.transferTimeoutMs, signal, async (timeoutMs) => {
    const messages = new Messages(metadata, source, (sent) => options.progress?.(sent, total));
    try {
      return await stub.uploadPhoto(messages.read(), {
        signal,
        ...(timeoutMs !== undefined && { timeoutMs }),
      });
    } catch (error) {
      // The transport reports a failing source as a failing connection.
      throw messages.failure ?? error;
    }
  });
}
