// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/time/clock.h"
#include "client/cli/commands.h"
#include "client/cli/private_file.h"
#include "client/cli/progress_bar.h"
#include "client/cli/seed/seeder.h"
#include "client/cli/text.h"
#include "fmt/format.h"

namespace pinhole::cli {
namespace {

struct SeedArguments {
  seed::PlanOptions plan;
  std::string folder;
  std::string password;
  std::string sessions;
  bool import = false;
  double rate = 0;
  int concurrency = 4;
};

absl::StatusOr<std::vector<std::filesystem::path>> PicturesIn(
    const std::filesystem::path& folder) {
  static const std::set<std::string> kExtensions = {".jpg", ".jpeg", ".png",
                                                    ".webp", ".heic"};
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    std::string extension = entry.path().extension();
    absl::AsciiStrToLower(&extension);
    if (kExtensions.contains(extension)) files.push_back(entry.path());
  }
  if (files.empty()) {
    return absl::NotFoundError(
        fmt::format("no jpg, png, webp or heic files in {}", folder.string()));
  }
  // The order of a folder's entries is no order: the plan needs one.
  std::sort(files.begin(), files.end());
  return files;
}

std::string CountText(std::string_view what, const seed::Count& count) {
  std::string text = fmt::format("{} {}", count.done, what);
  if (count.found > 0) text += fmt::format(" ({} there already)", count.found);
  return text;
}

std::string CountJson(std::string_view what, const seed::Count& count) {
  return fmt::format(R"("{}":{{"done":{},"found":{},"failed":{}}})", what,
                     count.done, count.found, count.failed);
}

void Report(Context& context, const seed::Summary& summary,
            absl::Duration took) {
  const std::pair<const char*, const seed::Count&> counts[] = {
      {"users", summary.users},
      {"photos", summary.photos},
      {"follows", summary.follows},
      {"likes", summary.likes},
      {"comments", summary.comments}};
  std::string text;
  for (const auto& [what, count] : counts) {
    if (!text.empty()) text += context.json ? "," : ", ";
    text += context.json ? CountJson(what, count) : CountText(what, count);
  }
  const double seconds = absl::ToDoubleSeconds(took);
  const double rate =
      static_cast<double>(summary.made()) / std::max(seconds, 1e-3);
  context.Write(context.json
                    ? fmt::format("{{{},\"seconds\":{:.3f},\"made_per_second\":"
                                  "{:.1f}}}\n",
                                  text, seconds, rate)
                    : fmt::format("Seeded {} in {:.1f} s, {:.0f} a second; {} "
                                  "failed.\n",
                                  text, seconds, rate, summary.failed()));
}

absl::Status Verdict(Context& context, const seed::Summary& summary,
                     const seed::Crew& crew) {
  for (const std::string& failure : crew.failures()) {
    context.terminal.err << fmt::format("pinhole: {}\n", Escape(failure));
  }
  if (summary.failed() == 0 && crew.failures().empty()) {
    return absl::OkStatus();
  }
  return absl::AbortedError(fmt::format(
      "seeding {}: {} operations failed; running it again with the same "
      "numbers does what is missing",
      crew.gave_up() ? "was given up" : "is not complete", summary.failed()));
}

// Patient: a server that sheds load is what seeding is likely to meet.
client::Options PatientOptions() {
  return {.timeout = absl::Minutes(5),
          .transfer_timeout = absl::Minutes(10),
          .retry = {.max_attempts = 30}};
}

// The stored login, if the server lets it import.
absl::StatusOr<client::Client> Administrator(Context& context) {
  const auto connected = context.Connect();
  if (!connected.ok()) return connected.status();
  if (!context.session()) {
    return absl::FailedPreconditionError(
        "--import needs the login of an administrator: run `pinhole login "
        "HANDLE` as one, or seed without --import");
  }
  // An import of nobody does nothing; better to be refused now than when half
  // is done.
  const absl::Status allowed = (*connected)->ImportUsers({}).status();
  if (absl::IsPermissionDenied(allowed)) {
    return absl::PermissionDeniedError(fmt::format(
        "--import is for administrators, and @{0} is not one: run "
        "`pinhole-server admin grant {0}` with the server's --data-dir on its "
        "machine, or seed without --import",
        context.session()->handle));
  }
  if (!allowed.ok()) return allowed;
  client::Client administrator = context.NewClient(PatientOptions());
  administrator.set_token((*connected)->token());
  return administrator;
}

absl::Status Seed(Context& context, SeedArguments arguments) {
  std::vector<std::filesystem::path> files;
  if (!arguments.folder.empty()) {
    auto found = PicturesIn(arguments.folder);
    if (!found.ok()) return found.status();
    files = *std::move(found);
    for (const auto& file : files) {
      arguments.plan.files.push_back(file.filename());
    }
  }
  // A server that is not there is found out without all that patience.
  const auto info = context.NewClient().GetServerInfo();
  if (!info.ok()) return info.status();
  std::optional<client::Client> administrator;
  if (arguments.import) {
    auto signed_in = Administrator(context);
    if (!signed_in.ok()) return signed_in.status();
    administrator = *std::move(signed_in);
  }
  if (arguments.password.empty()) {
    arguments.password = fmt::format("pinhole-demo-{}", arguments.plan.seed);
  }
  const seed::Plan plan = seed::MakePlan(arguments.plan);
  // Looking for what is there counts as well: one for each user and photo.
  const auto total = static_cast<std::int64_t>(
      2 * plan.users.size() + 2 * plan.photos.size() + plan.follows.size() +
      plan.likes.size() + plan.comments.size());
  seed::Crew crew(arguments.concurrency, arguments.rate);
  seed::Summary summary;
  const absl::Time start = absl::Now();
  {
    ProgressBar bar(context, "Seeding");
    std::atomic<std::int64_t> done{0};
    crew.OnProgress([&] { bar.Update(++done, total); });
    seed::Seeder seeder(context.NewClient(PatientOptions()), plan,
                        arguments.password, files, crew);
    if (administrator) seeder.ImportAs(*std::move(administrator));
    seeder.SignIn();
    if (!arguments.sessions.empty()) {
      // Before the rest: it may take long, and a file that cannot be written
      // should not be found out at its end.
      auto written = WritePrivateFile(arguments.sessions, seeder.Sessions());
      if (!written.ok()) return written;
    }
    summary = seeder.Run();
  }
  Report(context, summary, absl::Now() - start);
  absl::Status verdict = Verdict(context, summary, crew);
  if (verdict.ok() && !plan.users.empty()) {
    context.Say(fmt::format(
        "Sign in as any of them: PINHOLE_PASSWORD={} pinhole login {}",
        arguments.password, plan.users.front().handle));
  }
  return verdict;
}

}  // namespace

void AddSeedCommand(CliCommand app, Context& context) {
  CliCommand command = app.AddCommand(
      "seed",
      "Fill the server with people, photos and what they do; again with the "
      "same numbers, it does only what is missing");
  command.Group("Server");
  auto arguments = std::make_shared<SeedArguments>();
  const auto add_count = [&](const std::string& name, int& count,
                             const std::string& what) {
    command.Add(name, count, what).Range(0, 1'000'000).ShowDefault();
  };
  add_count("--users", arguments->plan.users, "How many people");
  add_count("--photos", arguments->plan.photos, "How many photos");
  add_count("--follows", arguments->plan.follows, "How many follows, at most");
  add_count("--likes", arguments->plan.likes, "How many likes, at most");
  add_count("--comments", arguments->plan.comments, "How many comments");
  command
      .Add("--seed", arguments->plan.seed,
           "Another number makes other people and photos")
      .ShowDefault();
  command.Add("--from", arguments->folder,
              "A folder of photographs to publish; without it, "
              "pictures are painted");
  command.Add("--password", arguments->password,
              "Of all these people; made from the seed by default");
  command.AddFlag(
      "--import", arguments->import,
      "Make the people in thousands at once, without hashing a password for "
      "each; for an administrator who is signed in, on a server that was "
      "started with --allow-import");
  command.Add("--sessions", arguments->sessions,
              "Write a line \"HANDLE TOKEN\" for each of these people "
              "into this file, which only you can read");
  command
      .Add("--rate", arguments->rate,
           "Operations a second at most; 0 means no limit")
      .NotNegative();
  command.Add("--concurrency", arguments->concurrency, "Operations at once")
      .Range(1, 256)
      .ShowDefault();
  context.On(command,
             [&context, arguments] { return Seed(context, *arguments); });
}

}  // namespace pinhole::cli
