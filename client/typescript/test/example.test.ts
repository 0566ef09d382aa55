// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { kinds, password, picturePath, Server } from "./servers.js";

const run = promisify(execFile);
const server = await Server.start();

for (const kind of kinds) {
  test(`${kind}: the example shares a photo and prints the feed`, async () => {
    const handle = `example_${kind}`.toLowerCase();
    const parameters = ["share_photo.js", server.target(kind), handle, password, picturePath];
    const { stdout, stderr } = await run(process.execPath, parameters);
    assert.match(stdout, /^photos\/\S+  My first photo\n$/);
    assert.equal(stderr, "");
  });
}
