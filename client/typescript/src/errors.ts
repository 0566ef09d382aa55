// SPDX-License-Identifier: Apache-2.0

import { durationMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RequestInfoSchema,
  RetryInfoSchema,
} from "./gen/google/rpc/error_details_pb.js";

/** An invalid field of the request. */
export interface FieldViolation {
  /** Path of the field, for example `photo.caption`. */
  readonly field: string;
  readonly description: string;
}

/** A failed call. `message` is the server's text for people. */
export class PinholeError extends Error {
  override readonly name = "PinholeError";
  readonly code: Code;
  /** Identifies the cause, in upper snake case. Empty if the server sent none. */
  readonly reason: string;
  /** Each invalid field, and the rule that it breaks. */
  readonly fields: readonly FieldViolation[];
  /** How long to wait before a repetition; undefined if waiting does not help. */
  readonly retryDelayMs: number | undefined;
  /** The id under which the server's log has the call. Can be empty. */
  readonly requestId: string;

  private constructor(error: ConnectError) {
    super(error.rawMessage, { cause: error });
    this.code = error.code;
    this.reason = error.findDetails(ErrorInfoSchema)[0]?.reason ?? "";
    this.fields = error
      .findDetails(BadRequestSchema)
      .flatMap((detail) => detail.fieldViolations)
      .map(({ field, description }) => ({ field, description }));
    const delay = error.findDetails(RetryInfoSchema)[0]?.retryDelay;
    this.retryDelayMs = delay && durationMs(delay);
    this.requestId = error.findDetails(RequestInfoSchema)[0]?.requestId ?? "";
  }

  /** Converts any thrown value, for example the `ConnectError` of a stub. */
  static from(error: unknown): PinholeError {
    if (error instanceof PinholeError) return error;
    return new PinholeError(ConnectError.from(error));
  }
}

/** Returns an `INVALID_ARGUMENT` error that names `field`, as the server does. */
export function invalidField(field: string, description: string): ConnectError {
  return new ConnectError(
    `${field} ${description}`,
    Code.InvalidArgument,
    undefined,
    [{ desc: BadRequestSchema, value: { fieldViolations: [{ field, description }] } }],
  );
}
