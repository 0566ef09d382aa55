// SPDX-License-Identifier: Apache-2.0

// Registers, shares a photo and prints the feed:
//   node share_photo.js HOST:PORT HANDLE PASSWORD FILE

import { open, photoFile } from "@pinhole/client";

const [target = "", handle = "", password = "", file = ""] = process.argv.slice(2);
const client = open(target);
await client.register(handle, password);
await client.login(handle, password);
await client.uploadPhoto(await photoFile(file), { caption: "My first photo" });
for await (const photo of client.feed({ limit: 10 })) {
  console.log(`${photo.name}  ${photo.caption}`);
}
