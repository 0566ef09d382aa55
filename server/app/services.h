// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <optional>
#include <string>

#include "base/async/thread_pool.h"
#include "base/clock.h"
#include "server/app/config.h"
#include "server/app/fault_reports.h"
#include "server/domain/accounts.h"
#include "server/domain/backup/backups.h"
#include "server/domain/feed.h"
#include "server/domain/feed_events.h"
#include "server/domain/garbage.h"
#include "server/domain/imports.h"
#include "server/domain/login_throttle.h"
#include "server/domain/passwords.h"
#include "server/domain/photos.h"
#include "server/domain/renditions.h"
#include "server/domain/social.h"
#include "server/domain/text/token_signer.h"
#include "server/media/decoders.h"
#include "server/media/photo_files.h"
#include "server/rpc/grpc/health.h"
#include "server/rpc/grpc/reflection.h"
#include "server/rpc/registry.h"
#include "server/rpc/services/admin_service.h"
#include "server/rpc/services/photo_service.h"
#include "server/rpc/services/social_service.h"
#include "server/rpc/services/user_service.h"
#include "server/store/memory_guess_counter.h"
#include "server/store/store.h"

namespace pinhole::app {

// The number of threads that can hash passwords at once: those of the pool, or
// those that process calls.
int HashThreads(const Config& config);

// The thread pools, the domain and the RPC handlers on top of an open store.
// Members are constructed from top to bottom and destroyed in reverse, so a
// member may use all those above it.
struct Services {
  // The arguments must outlive this object.
  Services(const Config& config, Store& store, media::PhotoFiles& files,
           domain::FeedEvents& feed_events, rpc::Health& health,
           FaultReports& faults);

  Services(const Services&) = delete;
  Services& operator=(const Services&) = delete;

  const SystemClock clock;
  // Identifies this process: 32 hexadecimal digits from 128 random bits.
  const std::string instance_id;

  ThreadPool hash_pool;
  media::Decoders decoders;
  ThreadPool decode_pool;
  ThreadPool file_pool;
  ThreadPool backup_pool;

  domain::TokenSigner signer;
  domain::Garbage garbage;
  domain::Backups backups;
  domain::Passwords passwords;
  MemoryGuessCounter guesses;
  domain::LoginThrottle login_throttle;
  domain::Accounts accounts;
  domain::Imports imports;
  domain::Photos photos;
  media::Decoders rendition_decoders;
  ThreadPool rendition_pool;
  domain::Renditions renditions;
  domain::Social social;
  domain::Feed feed;

  rpc::UserService user_service;
  rpc::PhotoService photo_service;
  rpc::SocialService social_service;
  rpc::AdminService admin_service;
  std::optional<rpc::Reflection> reflection;
  rpc::Registry registry;
};

}  // namespace pinhole::app
