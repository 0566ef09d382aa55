// SPDX-License-Identifier: Apache-2.0

// The package in a real browser: a page of one origin that imports the modules
// as they are, with an import map, and calls a server of another.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { delimiter, join, normalize } from "node:path";
import { after, test } from "node:test";
import type { PinholeError } from "@pinhole/client";
import { chromium } from "playwright-core";
import { password, Server } from "./servers.js";

const executablePath = (process.env.PATH ?? "")
  .split(delimiter)
  .map((folder) => join(folder, "chromium"))
  .find((path) => existsSync(path));

type Conditions = string | { [condition: string]: Conditions };

/** The file for a browser, as the conditions of a package choose it. */
function choose(conditions: Conditions): string {
  if (typeof conditions === "string") return conditions;
  const name = Object.keys(conditions).find((each) => ["import", "default"].includes(each));
  return choose(conditions[name!]!);
}

async function importMap(): Promise<string> {
  const imports: Record<string, string> = {};
  for (const name of ["@pinhole/client", "@bufbuild/protobuf", "@connectrpc/connect"]) {
    const folder = `node_modules/${name}`;
    const { exports } = JSON.parse(await readFile(`${folder}/package.json`, "utf8"));
    for (const [path, conditions] of Object.entries<Conditions>(exports)) {
      imports[join(name, path)] = `/${join(folder, choose(conditions))}`;
    }
  }
  return JSON.stringify({ imports });
}

/** Serves the page, the modules and nothing else. */
async function serveSite(): Promise<string> {
  const page = `<!doctype html><script type="importmap">${await importMap()}</script>`;
  const server = createServer(async (request, response) => {
    const path = normalize(request.url ?? "/");
    if (path === "/") {
      response.writeHead(200, { "content-type": "text/html" }).end(page);
    } else if (path.startsWith("/node_modules/") && existsSync(`.${path}`)) {
      const module = await readFile(`.${path}`);
      response.writeHead(200, { "content-type": "text/javascript" }).end(module);
    } else {
      response.writeHead(404).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Runs in the page. */
async function story({ url, password }: { url: string; password: string }) {
  const name = "@pinhole/client";
  const pinhole = (await import(name)) as typeof import("@pinhole/client");
  const client = pinhole.open(url);
  await client.register("imogen", password);
  await client.login("imogen", password);

  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 64;
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg"));
  const watch = await client.watchFeed();
  const shared: string[] = [];
  while (shared.length < 5) {
    const file = new File([blob!], "canvas.jpg");
    shared.push((await client.uploadPhoto(file, { caption: "Canvas" })).name);
  }
  const watched: string[] = [];
  for await (const entry of watch) {
    watched.push(entry.photo!.name);
    if (watched.length === shared.length) break;
  }

  const listed: string[] = [];
  for await (const photo of client.photosOf("me", { pageSize: 2 })) listed.unshift(photo.name);

  const rendition = pinhole.Rendition.ORIGINAL;
  const download = await client.downloadPhoto(shared[0]!, { rendition });
  const bytes = await download.bytes();
  const same = new Uint8Array(await blob!.arrayBuffer()).every((byte, at) => byte === bytes[at]);

  const errors: unknown[] = [];
  for (const call of [
    client.register("x", password),
    client.uploadPhoto(new TextEncoder().encode("not a picture")),
  ]) {
    await call.catch((error: PinholeError) => {
      errors.push([error.code, error.fields.map(({ field }) => field), error.reason]);
    });
  }
  return {
    shared,
    watched,
    listed,
    same,
    size: bytes.length === blob!.size,
    etag: download.head.etag,
    errors,
  };
}

test(
  "a page of another origin tells the story in a browser",
  { skip: executablePath ? false : "chromium is not installed" },
  async () => {
    const origin = await serveSite();
    const server = await Server.start(["--cors-origin", origin]);
    const browser = await chromium.launch({
      executablePath: executablePath!,
      args: [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    });
    try {
      const page = await browser.newPage();
      await page.goto(origin);
      const result = await page.evaluate(story, { url: server.http, password });
      assert.deepEqual(result.listed, result.shared);
      assert.deepEqual(result.watched, result.shared);
      assert(result.same && result.size);
      assert.match(result.etag, /^[^"]+$/);
      assert.deepEqual(result.errors[0], [3, ["handle"], "INVALID_FIELD"]);
      assert.deepEqual((result.errors[1] as unknown[])[0], 3);
      assert.deepEqual((result.errors[1] as unknown[])[2], "UNSUPPORTED_TYPE");
    } finally {
      await browser.close();
    }
  },
);
