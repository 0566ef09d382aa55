// SPDX-License-Identifier: Apache-2.0

import type { CallOptions } from "./connection.js";

export interface ListOptions extends CallOptions {
  /** Maximum number of entries. Default: all. */
  readonly limit?: number;
  /** Maximum number of entries in a page, 1 to 100. Default: 100. */
  readonly pageSize?: number;
}

/** A page of any list. */
export interface Page<T> {
  readonly entries: T[];
  readonly nextPageToken: string;
}

export type RequestPage<T> = (page: { pageSize: number; pageToken: string }) => Promise<Page<T>>;

async function* pages<T>(
  { limit = Infinity, pageSize = 100 }: ListOptions,
  request: RequestPage<T>,
): AsyncGenerator<T[], void, undefined> {
  let left = limit;
  let pageToken = "";
  while (left > 0) {
    const page = await request({ pageSize: Math.min(left, pageSize), pageToken });
    yield page.entries.slice(0, left);
    left -= page.entries.length;
    pageToken = page.nextPageToken;
    if (pageToken === "") return;
  }
}

/**
 * The entries of a list. Requests a page only when an entry of it is needed. A
 * page can be empty without being the last.
 */
export class Entries<T> implements AsyncIterableIterator<T> {
  private readonly pages: AsyncGenerator<T[], void, undefined>;
  /** The entries that were received and not yet read, in reverse order. */
  private received: T[] = [];

  constructor(options: ListOptions, request: RequestPage<T>) {
    this.pages = pages(options, request);
  }

  // An asynchronous generator of entries would take three times as long for each
  // entry, which is noticeable beside the call.
  next(): Promise<IteratorResult<T, undefined>> {
    const value = this.received.pop();
    return value === undefined ? this.turn() : Promise.resolve({ done: false, value });
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.received = [];
    await this.pages.return();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private async turn(): Promise<IteratorResult<T, undefined>> {
    const { done, value } = await this.pages.next();
    if (done) return { done, value: undefined };
    // Another call of `next` can have received a page in the meantime.
    this.received = [...value.reverse(), ...this.received];
    return this.next();
  }
}
