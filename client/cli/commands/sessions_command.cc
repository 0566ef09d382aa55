// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <limits>
#include <memory>
#include <string_view>

#include "client/cli/commands/arguments.h"
#include "client/cli/commands/commands.h"
#include "fmt/format.h"

namespace pinhole::cli {
namespace {

constexpr char kMine[] = "users/me/sessions/";

std::string_view IdOf(std::string_view session) {
  return session.substr(session.rfind('/') + 1);
}

// Converts ID, `current` or a resource name to a resource name.
std::string ToSessionName(std::string& text) {
  if (text.empty()) return "a session must be named, or be current";
  if (text.find('/') == std::string::npos) text = kMine + text;
  return "";
}

// Ends the session named `name`, and forgets it if it is the stored one.
absl::Status EndSession(Context& context, const std::string& name) {
  auto connected = context.Connect();
  if (!connected.ok()) return connected.status();
  const auto sessions = (*connected)->Sessions(std::numeric_limits<int>::max());
  if (!sessions.ok()) return sessions.status();
  const auto stored = std::find_if(
      sessions->begin(), sessions->end(),
      [](const v1::Session& session) { return session.current(); });
  const bool is_stored =
      stored != sessions->end() &&
      (IdOf(name) == "current" || IdOf(name) == IdOf(stored->name()));
  auto status = (*connected)->DeleteSession(name);
  if (!status.ok()) return status;
  if (!is_stored) {
    context.Say(fmt::format("Ended {}.", name));
    return absl::OkStatus();
  }
  context.Say("Ended the current session; you are signed out.");
  return context.sessions.Remove(context.target);
}

absl::Status EndOtherSessions(Context& context) {
  auto connected = context.Connect();
  if (!connected.ok()) return connected.status();
  const auto sessions = (*connected)->Sessions(std::numeric_limits<int>::max());
  if (!sessions.ok()) return sessions.status();
  int ended = 0;
  for (const v1::Session& session : *sessions) {
    if (session.current()) continue;
    const auto status = (*connected)->DeleteSession(session.name());
    // It may have ended since it was listed.
    if (absl::IsNotFound(status)) continue;
    if (!status.ok()) return status;
    ++ended;
  }
  context.Say(fmt::format("Ended {} other {}.", ended,
                          ended == 1 ? "session" : "sessions"));
  return absl::OkStatus();
}

absl::Status ShowSessions(Context& context, int limit) {
  auto connected = context.Connect();
  if (!connected.ok()) return connected.status();
  return context.Show<v1::Session>((*connected)->Sessions(limit));
}

}  // namespace

void AddSessionsCommand(CliCommand app, Context& context) {
  CliCommand command = app.AddCommand(
      "sessions", "List your sessions, newest first, or end some of them");
  auto limit = AddLimit(command.Group("Account"));
  auto end = std::make_shared<std::string>();
  const Option end_one =
      command
          .Add("--end", *end,
               "End this session, for example users/ansel/sessions/12 or 12; "
               "current is the session of this command")
          .Transform(ToSessionName)
          .Form("SESSION");
  auto end_others = std::make_shared<bool>(false);
  command
      .AddFlag("--end-others", *end_others,
               "End all sessions except the one of this command")
      .Excludes(end_one);
  context.On(command, [&context, limit, end, end_others] {
    if (!end->empty()) return EndSession(context, *end);
    return *end_others ? EndOtherSessions(context)
                       : ShowSessions(context, *limit);
  });
}

}  // namespace pinhole::cli
