// SPDX-License-Identifier: Apache-2.0

#include "client/cli/run.h"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "pinhole/client.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/client/fake_server.h"

namespace pinhole::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class RunTest : public ::testing::Test {
 protected:
  // Runs one command line; `out_` and `err_` then hold what it printed.
  int Pinhole(std::vector<std::string> arguments, const std::string& in = "") {
    std::istringstream input(in);
    std::ostringstream out;
    std::ostringstream err;
    Terminal terminal{
        .in = input,
        .out = out,
        .err = err,
        .err_is_terminal = terminal_,
        .env = [this](const std::string& name) { return variables_[name]; },
        .ask_secret = [](const std::string&) -> absl::StatusOr<std::string> {
          return absl::FailedPreconditionError("nobody is there");
        }};
    const int code = cli::Run(std::move(arguments), terminal);
    out_ = out.str();
    err_ = err.str();
    return code;
  }

  std::string File(const std::string& name, const std::string& text) {
    std::ofstream(folder_.path() / name) << text;
    return folder_.path() / name;
  }

  client::FakeServer server_;
  const pinhole::testing::TempDir folder_;
  std::map<std::string, std::string> variables_ = {
      {"PINHOLE_TARGET", server_.target()},
      {"PINHOLE_SESSION_FILE", folder_.path() / "session.json"},
      {"PINHOLE_PASSWORD", "half dome"}};
  bool terminal_ = false;
  std::string out_;
  std::string err_;
};

TEST_F(RunTest, NewcomerSharesAPhotoAndSignsOut) {
  ASSERT_EQ(Pinhole({"register", "Ansel", "--display-name", "Ansel A."}), 0);
  EXPECT_THAT(err_, HasSubstr("Registered and signed in as @ansel."));
  ASSERT_EQ(Pinhole({"upload", File("a.png", "bytes"), "--caption", "Dome"}),
            0);
  EXPECT_THAT(out_, HasSubstr("photos/1"));
  ASSERT_EQ(Pinhole({"like", "1"}), 0);
  EXPECT_THAT(err_, HasSubstr("You like photos/1 (1 like)."));
  ASSERT_EQ(Pinhole({"comment", "photos/1", "Where is this?"}), 0);
  ASSERT_EQ(Pinhole({"feed"}), 0);
  EXPECT_THAT(out_, HasSubstr("Dome"));
  ASSERT_EQ(Pinhole({"logout"}), 0);

  EXPECT_EQ(Pinhole({"feed"}), 1);
  EXPECT_THAT(err_,
              HasSubstr("you are not signed in; run `pinhole login HANDLE`"));
}

TEST_F(RunTest, SessionIsInAPrivateFile) {
  ASSERT_EQ(Pinhole({"register", "ansel"}), 0);

  struct stat info {};
  ASSERT_EQ(stat(variables_["PINHOLE_SESSION_FILE"].c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
}

TEST_F(RunTest, EndedSessionSaysToLogInAgain) {
  ASSERT_EQ(Pinhole({"register", "ansel"}), 0);
  server_.Fail("GetUser", {grpc::StatusCode::UNAUTHENTICATED, "ended"});

  EXPECT_EQ(Pinhole({"whoami"}), 1);
  EXPECT_THAT(err_, HasSubstr("run `pinhole login ansel`"));
}

TEST_F(RunTest, WrongPasswordFailsAndStoresNothing) {
  ASSERT_EQ(Pinhole({"register", "ansel"}), 0);
  ASSERT_EQ(Pinhole({"logout"}), 0);

  EXPECT_EQ(Pinhole({"login", "ansel", "--password-stdin"}, "wrong one\n"), 1);
  EXPECT_THAT(err_, HasSubstr("check the handle and the password"));
  EXPECT_EQ(Pinhole({"whoami"}), 1);
}

TEST_F(RunTest, JsonGoesToStandardOutputAlone) {
  ASSERT_EQ(Pinhole({"--json", "register", "ansel"}), 0);
  EXPECT_THAT(out_, HasSubstr(R"("handle":"ansel")"));
  EXPECT_THAT(err_, IsEmpty());
  ASSERT_EQ(Pinhole({"feed", "--json"}), 0);
  EXPECT_EQ(out_, "{\"items\":[]}\n");
}

TEST_F(RunTest, EditChangesOnlyWhatIsGiven) {
  ASSERT_EQ(Pinhole({"register", "ansel"}), 0);
  ASSERT_EQ(Pinhole({"upload", File("a.png", "bytes"), "--caption", "Dome",
                     "--alt-text", "A rock", "--visibility", "followers"}),
            0);

  ASSERT_EQ(Pinhole({"edit", "1", "--caption="}), 0);

  EXPECT_THAT(out_, Not(HasSubstr("caption:")));
  EXPECT_THAT(out_, HasSubstr("alt text:    A rock"));
  EXPECT_THAT(out_, HasSubstr("visibility:  followers"));
  ASSERT_EQ(Pinhole({"edit", "1", "--caption", "Half Dome", "--visibility",
                     "private", "--alt-text", ""}),
            0);
  EXPECT_THAT(out_, HasSubstr("caption:     Half Dome"));
  EXPECT_THAT(out_, HasSubstr("visibility:  private"));
  EXPECT_THAT(out_, Not(HasSubstr("alt text:")));
}

TEST_F(RunTest, EditWithoutChangesIsAUsageError) {
  EXPECT_EQ(Pinhole({"edit", "1"}), 2);
  EXPECT_THAT(err_, HasSubstr("give --caption, --alt-text or --visibility"));
  EXPECT_EQ(server_.calls("UpdatePhoto"), 0);
}

TEST_F(RunTest, ProfileIsShownOrChanged) {
  ASSERT_EQ(Pinhole({"register", "ansel", "--display-name", "Ansel"}), 0);
  ASSERT_EQ(Pinhole({"profile", "--bio", "Light."}), 0);

  ASSERT_EQ(Pinhole({"profile", "ansel", "--display-name", ""}), 0);

  EXPECT_THAT(out_, Not(HasSubstr("name:")));
  ASSERT_EQ(Pinhole({"profile"}), 0);
  EXPECT_THAT(out_, HasSubstr("bio:         Light."));
  EXPECT_EQ(Pinhole({"profile", "dorothea", "--bio", "x"}), 2);
  EXPECT_THAT(err_, HasSubstr("leave out HANDLE"));
}

TEST_F(RunTest, WatchPrintsAJsonObjectALine) {
  ASSERT_EQ(Pinhole({"--json", "--quiet", "watch", "--limit", "3"}), 0);

  EXPECT_EQ(std::count(out_.begin(), out_.end(), '\n'), 3);
  EXPECT_THAT(out_, ::testing::StartsWith(R"({"photo":{"name":"photos/1")"));
}

TEST_F(RunTest, DownloadToStandardOutputIsNothingButTheBytes) {
  ASSERT_EQ(Pinhole({"register", "ansel"}), 0);
  ASSERT_EQ(Pinhole({"upload", File("a.png", "bytes")}), 0);

  ASSERT_EQ(Pinhole({"download", "1", "-o", "-"}), 0);

  EXPECT_EQ(out_, "bytes");
}

TEST_F(RunTest, OneBadFileDoesNotStopTheOthers) {
  ASSERT_EQ(Pinhole({"register", "ansel"}), 0);

  EXPECT_EQ(Pinhole({"upload", "/none.png", File("a.png", "bytes")}), 1);

  EXPECT_THAT(out_, HasSubstr("photos/1"));
  EXPECT_THAT(err_, HasSubstr("cannot upload /none.png"));
}

TEST_F(RunTest, ProgressBarIsForTerminalsOnly) {
  ASSERT_EQ(Pinhole({"register", "ansel"}), 0);
  ASSERT_EQ(Pinhole({"upload", File("a.png", "bytes")}), 0);
  EXPECT_THAT(err_, Not(HasSubstr("###")));

  terminal_ = true;
  ASSERT_EQ(Pinhole({"upload", File("a.png", "bytes")}), 0);

  EXPECT_THAT(err_, HasSubstr("###"));
}

TEST_F(RunTest, WrongCommandLineExitsWith2) {
  EXPECT_EQ(Pinhole({}), 2);
  EXPECT_EQ(Pinhole({"feed", "--nonsense"}), 2);
  EXPECT_EQ(Pinhole({"upload"}), 2);
  EXPECT_EQ(Pinhole({"like", "photos/../x"}), 2);
  EXPECT_THAT(err_, HasSubstr("is not a photo"));
  EXPECT_EQ(Pinhole({"follow", "x y"}), 2);
  EXPECT_EQ(Pinhole({"uncomment", "photos/1"}), 2);
  EXPECT_THAT(err_, HasSubstr("is not a comment"));
  EXPECT_EQ(Pinhole({"sessions", "--end", "1", "--end-others"}), 2);
  EXPECT_EQ(Pinhole({"download", "1", "--size", "huge"}), 2);
}

TEST_F(RunTest, UnknownCommandSuggestsTheNearestOne) {
  EXPECT_EQ(Pinhole({"folow", "ansel"}), 2);
  EXPECT_THAT(err_, HasSubstr("did you mean `pinhole follow`?"));
  EXPECT_EQ(Pinhole({"lab", "abltion"}), 2);
  EXPECT_THAT(err_, HasSubstr("did you mean `pinhole lab ablation`?"));
}

TEST_F(RunTest, UnknownOptionSuggestsTheNearestOne) {
  EXPECT_EQ(Pinhole({"upload", "a.png", "--captoin", "Dome"}), 2);
  EXPECT_THAT(err_, HasSubstr("did you mean --caption?"));
  EXPECT_EQ(Pinhole({"upload", "a.png", "--visibility", "publc"}), 2);
  EXPECT_THAT(err_, HasSubstr("did you mean public?"));
  EXPECT_EQ(Pinhole({"--targte", "host:1", "feed"}), 2);
  EXPECT_THAT(err_, HasSubstr("did you mean --target?"));
}

TEST_F(RunTest, HintsRepeatTheConnectionOptionsThatWereGiven) {
  variables_["PINHOLE_TARGET"] = "";
  const std::string target = server_.target();

  EXPECT_EQ(Pinhole({"feed", "--target", target}), 1);
  EXPECT_THAT(err_,
              HasSubstr("run `pinhole --target " + target + " login HANDLE`"));
  EXPECT_EQ(Pinhole({"feed", "--target", target, "--ca", "my ca.pem"}), 1);
  EXPECT_THAT(err_, HasSubstr("run `pinhole --target " + target +
                              " --ca 'my ca.pem' login HANDLE`"));
  EXPECT_EQ(
      Pinhole({"seed", "--users", "0", "--photos", "5", "--target", target}),
      1);
  EXPECT_THAT(err_, HasSubstr("create some with `pinhole --target " + target +
                              " seed --users 50 --seed 1`"));
}

TEST_F(RunTest, HintsLeaveOutWhatTheEnvironmentSets) {
  EXPECT_EQ(Pinhole({"feed"}), 1);
  EXPECT_THAT(err_, HasSubstr("run `pinhole login HANDLE`"));
}

TEST_F(RunTest, NamesOfTheTutorialsCommandsPointToTheCommand) {
  for (const char* word : {"stress", "test:stress"}) {
    EXPECT_EQ(Pinhole({word, "--users", "5"}), 2);
    EXPECT_THAT(err_, HasSubstr("run `pinhole lab stress`")) << word;
  }
  EXPECT_EQ(Pinhole({"test:breaking"}), 2);
  EXPECT_THAT(err_, HasSubstr("run `pinhole lab breaking`"));
  for (const char* word : {"seed:users", "seed:photos", "test:seed"}) {
    EXPECT_EQ(Pinhole({word}), 2);
    EXPECT_THAT(err_, HasSubstr("run `pinhole seed`")) << word;
  }
}

TEST_F(RunTest, HelpIsNoError) {
  EXPECT_EQ(Pinhole({"--help"}), 0);
  EXPECT_THAT(out_, HasSubstr("upload"));
  EXPECT_EQ(Pinhole({"upload", "--help"}), 0);
  EXPECT_THAT(out_, HasSubstr("--caption"));
}

TEST_F(RunTest, HealthHasTheExitCodesOfGrpcHealthProbe) {
  EXPECT_EQ(Pinhole({"health"}), 0);
  EXPECT_EQ(out_, "SERVING\n");
  EXPECT_EQ(Pinhole({"health", "--service", "unknown"}), 3);
  EXPECT_EQ(Pinhole({"--target", "127.0.0.1:1", "health"}), 2);
}

TEST_F(RunTest, SeedingTwiceDoublesNothing) {
  const std::vector<std::string> seed = {"seed", "--users",    "4", "--photos",
                                         "6",    "--follows",  "5", "--likes",
                                         "7",    "--comments", "8"};
  ASSERT_EQ(Pinhole(seed), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("Seeded 4 users, 6 photos, 5 follows, 7 likes, "
                              "8 comments in "));
  EXPECT_EQ(server_.photos(), 6);

  // Even when the server no longer knows the request ids.
  server_.ForgetRequestIds();
  ASSERT_EQ(Pinhole(seed), 0) << err_;

  EXPECT_THAT(out_, HasSubstr("6 photos (6 there already)"));
  EXPECT_EQ(server_.users(), 4);
  EXPECT_EQ(server_.photos(), 6);
  EXPECT_EQ(server_.comments(), 8);
}

TEST_F(RunTest, SeedingWaitsOutABusyServer) {
  server_.Fail("UploadPhoto", client::Busy(absl::Milliseconds(5)), 6);

  EXPECT_EQ(Pinhole({"seed", "--users", "2", "--photos", "2", "--likes", "0",
                     "--comments", "0"}),
            0)
      << err_;
  EXPECT_EQ(server_.photos(), 2);
}

TEST_F(RunTest, SeedingThatFailsInPartExitsWith1) {
  server_.Fail("LikePhoto", {grpc::StatusCode::INTERNAL, "broken"});

  EXPECT_EQ(Pinhole({"seed", "--users", "3", "--photos", "3", "--likes", "3"}),
            1);
  EXPECT_THAT(out_, HasSubstr("1 failed."));
  EXPECT_THAT(err_, HasSubstr("broken"));
}

class SeedTest : public RunTest {
 protected:
  // Few of everything, and the arguments besides.
  int Seed(const std::vector<std::string>& more = {},
           const std::string& follows = "5") {
    std::vector<std::string> arguments = {
        "seed",  "--users", "4", "--photos",   "6", "--follows",
        follows, "--likes", "7", "--comments", "8"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Pinhole(arguments);
  }

  std::vector<std::string> Lines(const std::string& path) const {
    std::ifstream file(path);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }

  const std::string sessions_ = folder_.path() / "made" / "sessions";
};

TEST_F(SeedTest, AgainDoesOnlyWhatIsMissing) {
  ASSERT_EQ(Seed(), 0) << err_;
  const std::map<std::string, int> before = {
      {"CreateUser", server_.calls("CreateUser")},
      {"UploadPhoto", server_.calls("UploadPhoto")},
      {"FollowUser", server_.calls("FollowUser")},
      {"LikePhoto", server_.calls("LikePhoto")},
      {"CreateComment", server_.calls("CreateComment")}};

  ASSERT_EQ(Seed({}, "6"), 0) << err_;

  for (const auto& [method, calls] : before) {
    const int more = method == "FollowUser" ? 1 : 0;
    EXPECT_EQ(server_.calls(method), calls + more) << method;
  }
  EXPECT_THAT(out_, HasSubstr("6 follows (5 there already)"));
  EXPECT_THAT(out_, HasSubstr("7 likes (7 there already)"));
}

TEST_F(SeedTest, PhotosAreAddedToUsersThatExist) {
  ASSERT_EQ(Seed(), 0) << err_;
  const int likes = server_.calls("LikePhoto");

  for (const int photos : {11, 16}) {
    ASSERT_EQ(Pinhole({"seed", "--users", "0", "--photos", "5"}), 0) << err_;

    EXPECT_THAT(out_, HasSubstr("Seeded 4 users (4 there already), 5 photos, 0 "
                                "follows, 0 likes, 0 comments"));
    EXPECT_EQ(server_.users(), 4);
    EXPECT_EQ(server_.photos(), photos);
  }
  EXPECT_EQ(server_.calls("LikePhoto"), likes);
}

TEST_F(SeedTest, PhotosForNobodySayHowToCreateUsers) {
  EXPECT_EQ(Pinhole({"seed", "--users", "0", "--photos", "5"}), 1);

  EXPECT_THAT(err_, HasSubstr("pinhole seed --users 50 --seed 1"));
}

TEST_F(SeedTest, SessionsAreALineForEachUserAndForTheirOwnerOnly) {
  ASSERT_EQ(Seed({"--sessions", sessions_}), 0) << err_;

  struct stat info {};
  ASSERT_EQ(stat(sessions_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600);
  const auto lines = Lines(sessions_);
  ASSERT_EQ(lines.size(), 4);
  for (const std::string& line : lines) {
    const auto blank = line.find(' ');
    client::Client client(server_.target());
    client.set_token(line.substr(blank + 1));
    EXPECT_EQ(client.GetUser()->handle(), line.substr(0, blank));
  }
}

TEST_F(SeedTest, SessionsThatCannotBeWrittenEndItBeforeThePhotos) {
  EXPECT_EQ(Seed({"--sessions", File("plain", "") + "/sessions"}), 1);

  EXPECT_THAT(err_, HasSubstr("cannot write "));
  EXPECT_THAT(err_, HasSubstr("plain/sessions: "));
  EXPECT_EQ(server_.photos(), 0);
}

TEST_F(SeedTest, ImportMakesEverybodyInOneCall) {
  ASSERT_EQ(Pinhole({"register", "root"}), 0) << err_;
  const int logins = server_.calls("CreateSession");

  ASSERT_EQ(Seed({"--import", "--sessions", sessions_}), 0) << err_;

  EXPECT_THAT(out_, HasSubstr("Seeded 4 users, 6 photos"));
  EXPECT_EQ(server_.users(), 5);
  EXPECT_EQ(server_.calls("ImportUsers"), 2);  // The first asks whether it may.
  EXPECT_EQ(server_.calls("CreateUser"), 1);
  EXPECT_EQ(server_.calls("CreateSession"), logins);
  EXPECT_EQ(Lines(sessions_).size(), 4);

  ASSERT_EQ(Seed({"--import"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("4 users (4 there already)"));
}

TEST_F(SeedTest, ImportGoesInBatchesNoLargerThanTheRateAllows) {
  ASSERT_EQ(Pinhole({"register", "root"}), 0) << err_;

  ASSERT_EQ(Pinhole({"seed", "--users", "1500", "--photos", "0", "--import"}),
            0)
      << err_;
  EXPECT_EQ(server_.users(), 1501);
  EXPECT_EQ(server_.calls("ImportUsers"), 1 + 2);

  ASSERT_EQ(Pinhole({"seed", "--users", "60", "--photos", "0", "--follows", "0",
                     "--rate", "400", "--seed", "2", "--import"}),
            0)
      << err_;
  EXPECT_EQ(server_.calls("ImportUsers"), 3 + 2);
}

TEST_F(SeedTest, ImportSaysHowToBecomeAnAdministrator) {
  EXPECT_EQ(Seed({"--import"}), 1);
  EXPECT_THAT(err_, HasSubstr("pinhole login HANDLE"));

  ASSERT_EQ(Pinhole({"register", "root"}), 0) << err_;
  server_.Fail("ImportUsers", {grpc::StatusCode::PERMISSION_DENIED,
                               "only administrators may do this"});
  EXPECT_EQ(Seed({"--import"}), 1);
  EXPECT_THAT(err_, HasSubstr("pinhole-server admin grant root"));
  EXPECT_EQ(server_.users(), 1);
}

TEST_F(SeedTest, ImportSaysHowToAllowIt) {
  ASSERT_EQ(Pinhole({"register", "root"}), 0) << err_;
  server_.Fail(
      "ImportUsers",
      client::Because(grpc::StatusCode::FAILED_PRECONDITION,
                      "this server does not import users", "IMPORT_DISABLED"));

  EXPECT_EQ(Seed({"--import"}), 1);

  EXPECT_THAT(err_, HasSubstr("pinhole-server with --allow-import"));
  EXPECT_EQ(server_.users(), 1);
}

TEST_F(SeedTest, ImportLeavesAUserWithAnotherPasswordAlone) {
  ASSERT_EQ(Pinhole({"register", "root"}), 0) << err_;
  ASSERT_EQ(Seed({"--password", "their own one"}), 0) << err_;

  EXPECT_EQ(Seed({"--import"}), 1);

  EXPECT_THAT(err_, HasSubstr("with another password"));
}

TEST_F(RunTest, BackupIsAPageForPeopleAndJsonForPrograms) {
  ASSERT_EQ(Pinhole({"backup"}), 0);
  EXPECT_THAT(out_, HasSubstr("/srv/backups/20261124-233742-123"));
  EXPECT_THAT(out_, HasSubstr("0.2 s"));
  ASSERT_EQ(Pinhole({"--json", "backup"}), 0);
  EXPECT_THAT(out_, HasSubstr(R"("verified":true)"));
}

TEST_F(RunTest, BackupByOthersThanAdministratorsFails) {
  server_.Fail("CreateBackup", {grpc::StatusCode::PERMISSION_DENIED,
                                "only administrators may do this"});

  EXPECT_EQ(Pinhole({"backup"}), 1);
  EXPECT_THAT(err_, HasSubstr("only administrators"));
}

}  // namespace
}  // namespace pinhole::cli
