// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { copyFile, truncate } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { photoFile } from "@pinhole/client";
import { kinds, picturePath, Server, signedIn, temporaryFolder } from "./servers.js";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;
const mib = 1024 * 1024;

const server = await Server.start();
const folder = await temporaryFolder();

/** A photo of `size` bytes: bytes after the end of a JPEG are accepted. */
async function photoOf(size: number): Promise<string> {
  const path = join(folder, `${size}.jpg`);
  await copyFile(picturePath, path);
  await truncate(path, size);
  return path;
}

function residentBytes(): number {
  collectGarbage();
  return process.memoryUsage.rss();
}

for (const kind of kinds) {
  test(`${kind}: the memory for an upload does not depend on its size`, async () => {
    const client = await signedIn(server.target(kind), `memory_${kind}`.toLowerCase());
    const small = await photoOf(mib);
    // Code is compiled and buffers are allocated by the first uploads.
    for (let count = 0; count < 8; count += 1) await client.uploadPhoto(await photoFile(small));
    const large = await photoFile(await photoOf(20 * mib));
    const before = residentBytes();
    let most = 0;
    const photo = await client.uploadPhoto(large, {
      progress: (sent) => {
        if (sent % mib === 0) most = Math.max(most, residentBytes());
      },
    });
    assert.equal(photo.sizeBytes, BigInt(20 * mib));
    assert(most > 0);
    const growth = (most - before) / mib;
    console.log(`${kind}: resident memory grew by ${growth.toFixed(1)} MiB`);
    assert(growth < 8, `grew by ${growth.toFixed(1)} MiB`);
  });
}
