// SPDX-License-Identifier: Apache-2.0

export { Code } from "@connectrpc/connect";
export { Client } from "./client.js";
export { type CallOptions, type ClientOptions, Connection } from "./connection.js";
export type { Download } from "./download.js";
export { type FieldViolation, PinholeError } from "./errors.js";
export { AdminService, Registration, type ServerInfo } from "./gen/pinhole/v1/admin_service_pb.js";
export {
  type Photo,
  PhotoService,
  Rendition,
  type RenditionHead,
  Visibility,
} from "./gen/pinhole/v1/photo_service_pb.js";
export {
  type Comment,
  type Like,
  type Notification,
  Notification_Kind,
  type Relationship,
  SocialService,
  type WatchFeedResponse,
} from "./gen/pinhole/v1/social_service_pb.js";
export { type Session, type User, UserService } from "./gen/pinhole/v1/user_service_pb.js";
export { newRequestId, photoName, userName } from "./names.js";
export type { Entries, ListOptions } from "./pages.js";
export type { Repeat, RetryPolicy } from "./retry.js";
export type { PhotoSource, RereadableSource } from "./source.js";
export type { UploadOptions } from "./upload.js";
export type { Watch, WatchOptions } from "./watch.js";
