// SPDX-License-Identifier: Apache-2.0

// Lists 100 photos with the client and with the bare generated stub in turns,
// and prints the median of both: node bench.js [ROUNDS].

import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { open, PhotoService } from "@pinhole/client";
import { password, picture, Server } from "./servers.js";

const rounds = Number(process.argv[2] ?? 200);
const callsPerRound = 5;

const server = await Server.start();
const client = open(server.grpc);
await client.register("ansel", password);
await client.login("ansel", password);
for (let count = 0; count < 100; count += 1) await client.uploadPhoto(picture);
const stub = createClient(
  PhotoService,
  createGrpcTransport({ baseUrl: `http://${server.grpc}` }),
);
const headers = { authorization: `Bearer ${client.token}` };

async function withStub(): Promise<number> {
  const page = await stub.listPhotos({ parent: "users/ansel", pageSize: 100 }, { headers });
  return page.photos.length;
}

async function withClient(): Promise<number> {
  let count = 0;
  for await (const photo of client.photosOf("ansel")) count += photo.name ? 1 : 0;
  return count;
}

async function listsPerSecond(list: () => Promise<number>): Promise<number> {
  const begin = performance.now();
  for (let count = 0; count < callsPerRound; count += 1) {
    if ((await list()) !== 100) throw new Error("the list does not have 100 photos");
  }
  return (callsPerRound * 1000) / (performance.now() - begin);
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

const stubs: number[] = [];
const clients: number[] = [];
const ratios: number[] = [];
for (let round = 0; round < rounds; round += 1) {
  const stubFirst = round % 2 === 0;
  if (stubFirst) stubs.push(await listsPerSecond(withStub));
  clients.push(await listsPerSecond(withClient));
  if (!stubFirst) stubs.push(await listsPerSecond(withStub));
  ratios.push(clients[round]! / stubs[round]!);
}
console.log(`stub:   ${median(stubs).toFixed(0)} lists of 100 photos per second`);
console.log(`client: ${median(clients).toFixed(0)} lists of 100 photos per second`);
console.log(`ratio:  ${median(ratios).toFixed(3)} (median of ${rounds} rounds)`);
client.close();
await server.kill();
process.exit();
