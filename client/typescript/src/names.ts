// SPDX-License-Identifier: Apache-2.0

import { invalidField, PinholeError } from "./errors.js";

/** Converts `ansel`, `@ansel` or `users/ansel` to `users/ansel`, in lower case. */
export function userName(text: string): string {
  const handle = text.replace(/^users\//, "").replace(/^@/, "").toLowerCase();
  if (handle !== "me" && !/^[a-z0-9][a-z0-9_.]{2,29}$/.test(handle)) {
    throw PinholeError.from(
      invalidField(
        "user",
        "must be a handle, which has 3 to 30 characters of a-z, 0-9, _ and . " +
          `and begins with a letter or digit, got "${text}"`,
      ),
    );
  }
  return `users/${handle}`;
}

/** Converts `123` or `photos/123` to `photos/123`. */
export function photoName(text: string): string {
  const id = text.replace(/^photos\//, "");
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(id)) {
    throw PinholeError.from(
      invalidField("photo", `must be like photos/123 or 123, got "${text}"`),
    );
  }
  return `photos/${id}`;
}

/** Returns a random UUID (version 4) for a `request_id`. */
export function newRequestId(): string {
  // crypto.randomUUID does not exist in pages that are served over plain HTTP.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
