// SPDX-License-Identifier: Apache-2.0

import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { CallOptions, Connection } from "./connection.js";
import { Download } from "./download.js";
import {
  AdminService,
  type Backup,
  type ImportUsersRequestSchema,
  type ImportUsersResponse,
  type ServerInfo,
} from "./gen/pinhole/v1/admin_service_pb.js";
import {
  DownloadPhotoRequestSchema,
  type Photo,
  PhotoService,
  Rendition,
  Visibility,
} from "./gen/pinhole/v1/photo_service_pb.js";
import {
  type Comment,
  type Like,
  type LikePhotoResponse,
  type Notification,
  type Relationship,
  SocialService,
  type UnlikePhotoResponse,
} from "./gen/pinhole/v1/social_service_pb.js";
import { type Session, type User, UserService } from "./gen/pinhole/v1/user_service_pb.js";
import { photoName, userName } from "./names.js";
import { Entries, type ListOptions } from "./pages.js";
import type { PhotoSource } from "./source.js";
import { upload, type UploadOptions } from "./upload.js";
import { Watch, type WatchOptions } from "./watch.js";

const users = UserService.method;
const photos = PhotoService.method;
const social = SocialService.method;
const admin = AdminService.method;

/**
 * A client of a Pinhole server, made by `open`.
 *
 * Calls reject with a `PinholeError`. Calls that fail with a transient error
 * are retried if that is safe. Users are named by handle or `users/HANDLE`
 * (`me` is the caller), photos by `photos/ID` or ID. Lists are asynchronous
 * iterators, which request a page when its first entry is needed.
 */
export class Client {
  /** The connection, for calls that this class does not provide. */
  readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** Token of the session; empty without one. */
  get token(): string {
    return this.connection.token;
  }
  set token(token: string) {
    this.connection.token = token;
  }

  /** Closes the connection and cancels its calls. */
  close(): void {
    this.connection.close();
  }

  // Accounts.

  /** Registers an account. Does not sign in. */
  register(
    handle: string,
    password: string,
    { displayName = "", ...options }: CallOptions & { displayName?: string } = {},
  ): Promise<User> {
    return this.connection.call(users.createUser, { handle, password, displayName }, options);
  }

  /** Signs in, and keeps the token for later calls. */
  async login(handle: string, password: string, options: CallOptions = {}): Promise<Session> {
    const session = await this.connection.call(users.createSession, { handle, password }, options);
    this.token = session.token;
    return session;
  }

  /** Signs out. Removes the token even if the call fails. */
  async logout(options: CallOptions = {}): Promise<void> {
    try {
      await this.connection.call(
        users.deleteSession,
        { name: "users/me/sessions/current" },
        { ...options, repeat: "if-refused" },
      );
    } finally {
      this.token = "";
    }
  }

  async getUser(user = "me", options: CallOptions = {}): Promise<User> {
    return this.connection.call(users.getUser, { name: userName(user) }, options);
  }

  /** Changes the fields of the caller that are given. */
  updateUser(
    { displayName, bio }: { displayName?: string; bio?: string },
    options: CallOptions = {},
  ): Promise<User> {
    const changes = given({ displayName, bio });
    return this.connection.call(
      users.updateUser,
      { user: { name: "users/me", ...changes }, updateMask: { paths: maskOf(changes) } },
      options,
    );
  }

  searchUsers(prefix: string, options: ListOptions = {}): Entries<User> {
    return new Entries(options, async (page) => {
      const response = await this.connection.call(
        users.searchUsers,
        { query: prefix, ...page },
        options,
      );
      return { ...response, entries: response.users };
    });
  }

  /** Changes the caller's password and ends the caller's other sessions. */
  async changePassword(
    oldPassword: string,
    newPassword: string,
    options: CallOptions = {},
  ): Promise<void> {
    await this.connection.call(
      users.changePassword,
      { name: "users/me", oldPassword, newPassword },
      { ...options, repeat: "if-refused" },
    );
  }

  /** Deletes the caller's account. */
  async deleteAccount(password: string, options: CallOptions = {}): Promise<void> {
    await this.connection.call(
      users.deleteUser,
      { name: "users/me", password },
      { ...options, repeat: "if-refused" },
    );
  }

  /** Lists the caller's sessions, newest first. */
  sessions(options: ListOptions = {}): Entries<Session> {
    return new Entries(options, async (page) => {
      const response = await this.connection.call(
        users.listSessions,
        { parent: "users/me", ...page },
        options,
      );
      return { ...response, entries: response.sessions };
    });
  }

  // Photos.

  /** Publishes a photo. Retried unless the source can be read only once. */
  uploadPhoto(source: PhotoSource, options: UploadOptions = {}): Promise<Photo> {
    return upload(this.connection, source, options);
  }

  async getPhoto(photo: string, options: CallOptions = {}): Promise<Photo> {
    return this.connection.call(photos.getPhoto, { name: photoName(photo) }, options);
  }

  /** Changes the fields of one of the caller's photos that are given. */
  async updatePhoto(
    photo: string,
    {
      caption,
      altText,
      visibility,
    }: { caption?: string; altText?: string; visibility?: Visibility },
    options: CallOptions = {},
  ): Promise<Photo> {
    const changes = given({ caption, altText, visibility });
    return this.connection.call(
      photos.updatePhoto,
      { photo: { name: photoName(photo), ...changes }, updateMask: { paths: maskOf(changes) } },
      options,
    );
  }

  async deletePhoto(photo: string, options: CallOptions = {}): Promise<void> {
    await this.connection.call(
      photos.deletePhoto,
      { name: photoName(photo) },
      { ...options, repeat: "if-refused" },
    );
  }

  /** Begins to download a rendition; the default is `Rendition.LARGE`. */
  async downloadPhoto(
    photo: string,
    { rendition = Rendition.LARGE, ...options }: CallOptions & { rendition?: Rendition } = {},
  ): Promise<Download> {
    const request = create(DownloadPhotoRequestSchema, { name: photoName(photo), rendition });
    return Download.begin(this.connection, request, options);
  }

  // Lists of photos, newest first.

  /** Lists the photos of the caller and of the users whom the caller follows. */
  feed(options: ListOptions = {}): Entries<Photo> {
    return new Entries(options, async (page) => {
      const response = await this.connection.call(social.getFeed, page, options);
      return { ...response, entries: response.photos };
    });
  }

  /** Lists the public photos of all users. */
  recentPhotos(options: ListOptions = {}): Entries<Photo> {
    return new Entries(options, async (page) => {
      const response = await this.connection.call(photos.listRecentPhotos, page, options);
      return { ...response, entries: response.photos };
    });
  }

  photosOf(user: string, options: ListOptions = {}): Entries<Photo> {
    return new Entries(options, async (page) => {
      const response = await this.connection.call(
        photos.listPhotos,
        { parent: userName(user), ...page },
        options,
      );
      return { ...response, entries: response.photos };
    });
  }

  /**
   * Begins to watch the feed. Resolves when the server has answered; the watch
   * has all entries published after that. It ends when the caller leaves the
   * loop that reads it, and rejects when `signal` is aborted.
   */
  watchFeed(options: WatchOptions = {}): Promise<Watch> {
    return Watch.begin(this.connection, options);
  }

  // Likes, comments, follows, blocks and notifications.

  async like(photo: string, options: CallOptions = {}): Promise<LikePhotoResponse> {
    return this.connection.call(social.likePhoto, { name: photoName(photo) }, options);
  }

  async unlike(photo: string, options: CallOptions = {}): Promise<UnlikePhotoResponse> {
    return this.connection.call(social.unlikePhoto, { name: photoName(photo) }, options);
  }

  /** Lists the likes of a photo, most recent first. */
  likes(photo: string, options: ListOptions = {}): Entries<Like> {
    return new Entries(options, async (page) => {
      const response = await this.connection.call(
        social.listLikes,
        { parent: photoName(photo), ...page },
        options,
      );
      return { ...response, entries: response.likes };
    });
  }

  async comment(photo: string, text: string, options: CallOptions = {}): Promise<Comment> {
    return this.connection.call(
      social.createComment,
      { parent: photoName(photo), text },
      options,
    );
  }

  /** Lists the comments on a photo, oldest first. */
  comments(photo: string, options: ListOptions = {}): Entries<Comment> {
    return new Entries(options, async (page) => {
      const response = await this.connection.call(
        social.listComments,
        { parent: photoName(photo), ...page },
        options,
      );
      return { ...response, entries: response.comments };
    });
  }

  /** Deletes a comment by its resource name, `photos/{photo}/comments/{comment}`. */
  async deleteComment(name: string, options: CallOptions = {}): Promise<void> {
    await this.connection.call(
      social.deleteComment,
      { name },
      { ...options, repeat: "if-refused" },
    );
  }

  async follow(user: string, options: CallOptions = {}): Promise<Relationship> {
    return this.connection.call(social.followUser, { name: userName(user) }, options);
  }

  async unfollow(user: string, options: CallOptions = {}): Promise<Relationship> {
    return this.connection.call(social.unfollowUser, { name: userName(user) }, options);
  }

  async block(user: string, options: CallOptions = {}): Promise<Relationship> {
    return this.connection.call(social.blockUser, { name: userName(user) }, options);
  }

  async unblock(user: string, options: CallOptions = {}): Promise<Relationship> {
    return this.connection.call(social.unblockUser, { name: userName(user) }, options);
  }

  /** Lists the names of the users whom the caller blocks, most recent block first. */
  blocks(options: ListOptions = {}): Entries<string> {
    return new Entries(options, async (page) => {
      const response = await this.connection.call(social.listBlocks, page, options);
      return { ...response, entries: response.users };
    });
  }

  /** Lists the followers of a user, most recent follow first. */
  followers(user: string, options: ListOptions = {}): Entries<User> {
    return new Entries(options, async (page) => {
      const response = await this.connection.call(
        social.listFollowers,
        { parent: userName(user), ...page },
        options,
      );
      return { ...response, entries: response.users };
    });
  }

  /** Lists the users whom a user follows, most recent follow first. */
  following(user: string, options: ListOptions = {}): Entries<User> {
    return new Entries(options, async (page) => {
      const response = await this.connection.call(
        social.listFollowing,
        { parent: userName(user), ...page },
        options,
      );
      return { ...response, entries: response.users };
    });
  }

  /** Lists the caller's notifications, most recent first. */
  notifications(options: ListOptions = {}): Entries<Notification> {
    return new Entries(options, async (page) => {
      const response = await this.connection.call(social.listNotifications, page, options);
      return { ...response, entries: response.notifications };
    });
  }

  /** Marks the notification `last` and all older ones as read; all by default. */
  async markNotificationsRead(last = "", options: CallOptions = {}): Promise<void> {
    await this.connection.call(social.markNotificationsRead, { last }, options);
  }

  // The server.

  getServerInfo(options: CallOptions = {}): Promise<ServerInfo> {
    return this.connection.call(admin.getServerInfo, {}, options);
  }

  /**
   * Makes a backup on the server's machine. For administrators. Makes one
   * attempt, without a deadline; the backup continues if the connection breaks.
   */
  createBackup(options: CallOptions = {}): Promise<Backup> {
    return this.connection.call(
      admin.createBackup,
      {},
      { ...options, repeat: "never", timeoutMs: Infinity },
    );
  }

  /** Creates many users. For administrators, on servers that allow imports. */
  importUsers(
    request: MessageInitShape<typeof ImportUsersRequestSchema>,
    options: CallOptions = {},
  ): Promise<ImportUsersResponse> {
    return this.connection.call(admin.importUsers, request, options);
  }
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function given<T extends object>(fields: T): Given<T> {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as Given<T>;
}

// The paths of a field mask are in snake case.
function maskOf(changes: object): string[] {
  return Object.keys(changes).map((key) =>
    key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  );
}
