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
#include "client/cli/commands/commands.h"
#include "client/cli/commands/private_file.h"
#include "client/cli/commands/progress_bar.h"
#include "client/cli/seed/seeder.h"
#include "client/cli/terminal/text.h"
#include "fmt/format.h"

namespace pinhole::cli {
namespace {

// As many users as `--users 0` looks for.
constexpr int kMostExistingUsers = 10'000;

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
    return absl::NotFoundError(fmt::format(
        "--from: {} has no jpg, png, webp or heic files", folder.string()));
  }
  // The plan depends on the order, and the entries of a folder have none.
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

// `adds` says that the photos are additional ones, which are not found again.
absl::Status Verdict(Context& context, const seed::Summary& summary,
                     const seed::Crew& crew, bool adds) {
  for (const std::string& failure : crew.failures()) {
    context.terminal.err << fmt::format("pinhole: {}\n", Escape(failure));
  }
  if (summary.failed() == 0 && crew.failures().empty()) {
    return absl::OkStatus();
  }
  return absl::AbortedError(fmt::format(
      "seeding {}: {} operations failed{}",
      crew.gave_up() ? "was given up" : "is not complete", summary.failed(),
      adds ? "" : "; run the same command again to create what is missing"));
}

// Seeding is likely to meet a server that sheds load, so it retries for long.
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
    return absl::FailedPreconditionError(fmt::format(
        "--import needs the login of an administrator: run `{} login HANDLE` "
        "as one, or seed without --import",
        context.program));
  }
  // An import of no users does nothing but tell whether imports are allowed.
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

// How many users of an earlier seeding exist, of the first `most`.
absl::StatusOr<int> CountSeeded(const client::Client& client,
                                std::uint32_t seed, int most) {
  const seed::Plan plan = seed::MakePlan({.users = most,
                                          .photos = 0,
                                          .follows = 0,
                                          .likes = 0,
                                          .comments = 0,
                                          .seed = seed});
  int count = 0;
  for (const seed::Person& person : plan.users) {
    const absl::Status status = client.GetUser(person.handle).status();
    if (absl::IsNotFound(status)) break;
    if (!status.ok()) return status;
    ++count;
  }
  return count;
}

// Changes the options so that the plan adds its photos to users of an earlier
// seeding.
absl::Status PlanForExistingUsers(const Context& context,
                                  seed::PlanOptions& plan) {
  const client::Client client = context.NewClient(PatientOptions());
  const auto users =
      CountSeeded(client, plan.seed, std::min(plan.photos, kMostExistingUsers));
  if (!users.ok()) return users.status();
  if (*users == 0) {
    return absl::FailedPreconditionError(fmt::format(
        "--users 0 adds photos to users of an earlier `pinhole seed --seed "
        "{0}`, but there are none; create some with `{1} seed --users 50 "
        "--seed {0}`",
        plan.seed, context.program));
  }
  plan.users = *users;
  // Unlike those of any other run.
  plan.first_photo =
      static_cast<std::uint64_t>(absl::ToUnixMicros(absl::Now()));
  return absl::OkStatus();
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
  // Without retries, so that an unreachable server is reported at once.
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
  const bool adds = arguments.plan.users == 0 && arguments.plan.photos > 0;
  if (adds) {
    auto status = PlanForExistingUsers(context, arguments.plan);
    if (!status.ok()) return status;
  }
  const seed::Plan plan = seed::MakePlan(arguments.plan);
  // Looking for what exists counts as well: one for each user and photo.
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
    if (adds) seeder.PublishAnew();
    seeder.SignIn();
    if (!arguments.sessions.empty()) {
      // Before the rest, which may take long, so that an error comes early.
      auto written = WritePrivateFile(arguments.sessions, seeder.Sessions());
      if (!written.ok()) return written;
    }
    summary = seeder.Run();
  }
  Report(context, summary, absl::Now() - start);
  absl::Status verdict = Verdict(context, summary, crew, adds);
  if (verdict.ok() && !plan.users.empty()) {
    context.Say(
        fmt::format("Sign in as any of them: PINHOLE_PASSWORD={} {} login {}",
                    ShellWord(arguments.password), context.program,
                    plan.users.front().handle));
  }
  return verdict;
}

}  // namespace

void AddSeedCommand(CliCommand app, Context& context) {
  CliCommand command = app.AddCommand(
      "seed",
      "Fill the server with users, photos, follows, likes and comments. "
      "Running the command again creates only what is missing");
  command.Group("Server");
  auto arguments = std::make_shared<SeedArguments>();
  const auto add_count = [&](const std::string& name, int& count,
                             const std::string& what) {
    return command.Add(name, count, what).Range(0, 1'000'000).ShowDefault();
  };
  add_count("--users", arguments->plan.users,
            "Number of users. With 0, --photos adds that many photos to the "
            "users of an earlier run with equal --seed and --password, and "
            "--follows, --likes and --comments default to 0");
  add_count("--photos", arguments->plan.photos, "Number of photos");
  const Option follows = add_count("--follows", arguments->plan.follows,
                                   "Maximum number of follows");
  const Option likes =
      add_count("--likes", arguments->plan.likes, "Maximum number of likes");
  const Option comments =
      add_count("--comments", arguments->plan.comments, "Number of comments");
  command
      .Add("--seed", arguments->plan.seed,
           "Seed of the random numbers; another seed gives other users and "
           "photos")
      .ShowDefault();
  command.Add("--from", arguments->folder,
              "Folder with photographs to publish (jpg, png, webp or heic); "
              "without it, pictures are drawn");
  command.Add("--password", arguments->password,
              "Password of all these users; pinhole-demo-SEED by default");
  command.AddFlag(
      "--import", arguments->import,
      "Create the users by imports of a thousand, which hash one password for "
      "all. The caller must be signed in as an administrator, and the server "
      "must have been started with --allow-import");
  command.Add("--sessions", arguments->sessions,
              "Write a line \"HANDLE TOKEN\" for each of these users to this "
              "file, which only its owner can read");
  command
      .Add("--rate", arguments->rate,
           "Maximum number of operations a second; 0 means no limit")
      .NotNegative();
  command
      .Add("--concurrency", arguments->concurrency,
           "Number of concurrent operations")
      .Range(1, 256)
      .ShowDefault();
  context.On(command, [&context, arguments, follows, likes, comments] {
    seed::PlanOptions& plan = arguments->plan;
    if (plan.users == 0) {
      if (!follows.IsGiven()) plan.follows = 0;
      if (!likes.IsGiven()) plan.likes = 0;
      if (!comments.IsGiven()) plan.comments = 0;
    }
    return Seed(context, *arguments);
  });
}

}  // namespace pinhole::cli
