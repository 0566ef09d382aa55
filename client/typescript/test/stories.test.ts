// SPDX-License-Identifier: Apache-2.0

// The stories that all clients of Pinhole must tell, over both transports.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Code, photoFile, PinholeError, Rendition, Visibility } from "@pinhole/client";
import { Proxy } from "./proxy.js";
import {
  all,
  connect,
  eventually,
  kinds,
  password,
  picture,
  Server,
  signedIn,
  temporaryFolder,
} from "./servers.js";

// Bytes after the end of a JPEG are kept in the original.
const large = Buffer.concat([picture, Buffer.alloc(3_000_000, 7)]);
const server = await Server.start();
const many = await signedIn(server.grpc, "many");
const names: string[] = [];
for (let count = 0; count < 250; count += 1) {
  names.unshift((await many.uploadPhoto(picture)).name);
}

for (const kind of kinds) {
  const target = server.target(kind);

  test(`${kind}: pages through 250 photos without repeats`, async () => {
    const photos = await all(connect(target).photosOf("many", { pageSize: 70 }));
    assert.deepEqual(photos.map((photo) => photo.name), names);
  });

  test(`${kind}: a list requests only the pages that are read`, async () => {
    const client = connect(target);
    let calls = 0;
    const unary = client.connection.unary.bind(client.connection);
    client.connection.unary = (...parameters) => {
      calls += 1;
      return unary(...parameters);
    };
    const read = [];
    for await (const photo of client.photosOf("many", { pageSize: 10 })) {
      read.push(photo.name);
      if (read.length === 11) break;
    }
    assert.deepEqual(read, names.slice(0, 11));
    assert.equal(calls, 2);
    assert.equal((await all(client.photosOf("many", { limit: 120 }))).length, 120);
    assert.equal(calls, 4);
    const list = client.photosOf("many", { pageSize: 1, limit: 3 });
    const next = await Promise.all([list.next(), list.next(), list.next(), list.next()]);
    assert.deepEqual(next.map(({ value }) => value?.name), [...names.slice(0, 3), undefined]);
  });

  test(`${kind}: a watch resumes after the server was killed`, async () => {
    const first = await Server.start();
    const author = await signedIn(first.target(kind), "author");
    const shared: string[] = [];
    const share = async () => shared.push((await author.uploadPhoto(picture)).name);
    const watch = await author.watchFeed();
    const received: string[] = [];
    const receiveAll = async () => {
      while (received.at(-1) !== shared.at(-1)) {
        received.push((await watch.next()).value!.photo!.name);
      }
    };
    for (let count = 0; count < 2; count += 1) await share();
    await receiveAll();
    await first.kill();
    const waiting = watch.next();
    const second = await first.restart();
    for (let count = 0; count < 3; count += 1) await share();
    received.push((await waiting).value!.photo!.name);
    await receiveAll();
    assert.deepEqual(received, shared);
    await watch.return();
    await second.kill();
  });

  test(`${kind}: an upload that was cut off is repeated with one effect`, async () => {
    const direct = await signedIn(target, `cut_${kind}`.toLowerCase());
    const proxy = await Proxy.start(target);
    const client = connect(proxy.address, { token: direct.token });
    for (const [cutAfter, bytes] of [[1000, picture], [1_000_000, large]] as const) {
      const path = join(await temporaryFolder(), "photo.jpg");
      await writeFile(path, bytes);
      const before = await all(direct.photosOf("me"));
      const connections = proxy.connections;
      proxy.cut();
      proxy.cutAfter = cutAfter;
      const photo = await client.uploadPhoto(await photoFile(path), { caption: "Cut" });
      assert.equal(proxy.connections, connections + 2);
      assert.deepEqual(await all(direct.photosOf("me")), [photo, ...before]);
      assert.equal(photo.sizeBytes, BigInt(bytes.byteLength));
    }
  });

  test(`${kind}: an upload whose answer was lost is repeated with one effect`, async () => {
    const direct = await signedIn(target, `lost_${kind}`.toLowerCase());
    const proxy = await Proxy.start(target);
    const client = connect(proxy.address, { token: direct.token });
    proxy.mute = true;
    const upload = client.uploadPhoto(picture, { caption: "Lost" });
    await eventually(async () => (await all(direct.photosOf("me"))).length === 1);
    proxy.mute = false;
    proxy.cut();
    const photo = await upload;
    assert.equal(proxy.connections, 2);
    assert.deepEqual(await all(direct.photosOf("me")), [photo]);
  });

  test(`${kind}: an error has its reason and its fields`, async () => {
    const client = await signedIn(target, `wrong_${kind}`.toLowerCase());
    await assert.rejects(client.uploadPhoto(Buffer.from("not a picture")), (error) => {
      assert(error instanceof PinholeError);
      assert.equal(error.code, Code.InvalidArgument);
      assert.match(error.reason, /^[A-Z_]+$/);
      return true;
    });
    await assert.rejects(client.register("x", password), (error) => {
      assert(error instanceof PinholeError);
      assert.equal(error.code, Code.InvalidArgument);
      assert.deepEqual(error.fields.map(({ field }) => field), ["handle"]);
      assert(error.fields[0]!.description.length > 0);
      return true;
    });
  });

  test(`${kind}: everything that Client offers reaches the server`, async () => {
    const one = await signedIn(target, `one_${kind}`.toLowerCase());
    const two = await signedIn(target, `two_${kind}`.toLowerCase());
    const { name: user } = await one.getUser();
    const other = (await two.getUser()).name;

    await one.updateUser({ displayName: "One", bio: "Says\nlittle" });
    const renamed = await one.updateUser({ bio: "" });
    assert.deepEqual([renamed.displayName, renamed.bio], ["One", ""]);
    assert.deepEqual((await all(two.searchUsers(user.slice(6)))).map((each) => each.name), [user]);

    const photo = await one.uploadPhoto(new Blob([picture]), {
      caption: "Lake & höhe",
      altText: "A lake",
      visibility: Visibility.FOLLOWERS,
    });
    assert.equal(photo.visibility, Visibility.FOLLOWERS);
    await assert.rejects(two.getPhoto(photo.name), { code: Code.NotFound });
    assert.equal((await two.follow(user)).following, true);
    assert.equal((await two.getPhoto(photo.name)).caption, "Lake & höhe");
    const changed = await one.updatePhoto(photo.name, {
      caption: "",
      visibility: Visibility.PUBLIC,
    });
    assert.deepEqual(
      [changed.caption, changed.altText, changed.visibility],
      ["", "A lake", Visibility.PUBLIC],
    );
    assert.equal((await all(two.feed())).length, 1);
    assert((await all(two.recentPhotos({ limit: 5 }))).some((each) => each.name === photo.name));

    assert.equal((await two.like(photo.name)).likeCount, 1);
    assert.deepEqual((await all(one.likes(photo.name))).map((each) => each.user), [other]);
    assert.equal((await two.unlike(photo.name)).liked, false);
    const comment = await two.comment(photo.name, "Sharp");
    assert.deepEqual(await all(one.comments(photo.name)), [comment]);
    await two.deleteComment(comment.name);
    assert.deepEqual(await all(one.comments(photo.name)), []);
    assert.deepEqual((await all(one.followers(user))).map((each) => each.name), [other]);
    assert.deepEqual((await all(one.following(other))).map((each) => each.name), [user]);
    assert.equal((await all(one.notifications())).length > 0, true);
    await one.markNotificationsRead();
    assert((await all(one.notifications())).every((each) => each.read));
    assert.equal((await two.unfollow(user)).following, false);
    assert.equal((await one.block(other)).blocking, true);
    assert.deepEqual(await all(one.blocks()), [other]);
    assert.equal((await one.unblock(other)).blocking, false);

    const original = await one.downloadPhoto(photo.name, { rendition: Rendition.ORIGINAL });
    assert.equal(original.head.contentType, "image/jpeg");
    assert.deepEqual(Buffer.from(await original.bytes()), picture);
    const small = await two.downloadPhoto(photo.name, { rendition: Rendition.THUMBNAIL });
    const bytes = await small.bytes();
    assert.deepEqual([...bytes.subarray(0, 2)], [0xff, 0xd8]);
    await one.deletePhoto(photo.name);
    await assert.rejects(one.getPhoto(photo.name), { code: Code.NotFound });

    await one.changePassword(password, "another password");
    assert.equal((await all(one.sessions())).length, 1);
    const token = one.token;
    await one.logout();
    assert.equal(one.token, "");
    await assert.rejects(connect(target, { token }).getUser(), { code: Code.Unauthenticated });
    await two.deleteAccount(password);
    await assert.rejects(one.getUser(other), { code: Code.NotFound });
    assert.equal((await one.getServerInfo()).limits!.maxPageSize, 100);
    await assert.rejects(one.createBackup(), { code: Code.Unauthenticated });
    await assert.rejects(one.importUsers({}), { code: Code.Unauthenticated });
  });

  test(`${kind}: a download that was cut off continues where it ended`, async () => {
    const owner = await signedIn(target, `down_${kind}`.toLowerCase());
    const { name } = await owner.uploadPhoto(large);
    const proxy = await Proxy.start(target);
    const client = connect(proxy.address, { token: owner.token });
    const download = await client.downloadPhoto(name, { rendition: Rendition.ORIGINAL });
    const received: Uint8Array[] = [];
    for await (const chunk of download) {
      if (received.length === 0) proxy.cut();
      received.push(chunk);
    }
    assert.deepEqual(Buffer.concat(received), large);
    assert.equal(proxy.connections, 2);
  });

  test(`${kind}: a watch notices that its connection is silent`, async () => {
    const owner = await signedIn(target, `silent_${kind}`.toLowerCase());
    const proxy = await Proxy.start(target);
    const client = connect(proxy.address, { token: owner.token, silenceMs: 600 });
    const watch = await client.watchFeed();
    await owner.uploadPhoto(picture);
    await watch.next();
    proxy.silence();
    const last = await owner.uploadPhoto(picture);
    // Only another connection can bring this photo.
    assert.equal((await watch.next()).value!.photo!.name, last.name);
    await watch.return();
  });
}
