// SPDX-License-Identifier: Apache-2.0

// Real and faulty decoder processes.

#include "server/media/decoders.h"

#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/media/picture_refusal.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace pinhole::media {
namespace {

namespace fs = std::filesystem;

using ::pinhole::testing::IsOk;
using ::pinhole::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::Not;

std::string ReadAll(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The child processes of this process.
std::vector<int> Children() {
  std::vector<int> pids;
  for (const auto& task : fs::directory_iterator("/proc/self/task")) {
    std::istringstream text(ReadAll(task.path() / "children"));
    for (int pid = 0; text >> pid;) pids.push_back(pid);
  }
  return pids;
}

class DecodersTest : public ::testing::Test {
 protected:
  fs::path Picture(std::string_view bytes) {
    const fs::path path = dir_.path() / std::to_string(++pictures_);
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  fs::path Photograph() {
    return fs::path(PINHOLE_TEST_PICTURES) / "coffee.jpg";
  }
  // The faulty decoder, under a name that selects the fault.
  fs::path Fake(std::string_view name = "decoder") {
    const fs::path path = dir_.path() / name;
    if (!fs::exists(path)) fs::create_symlink(PINHOLE_FAKE_DECODER, path);
    return path;
  }

  testing::TempDir dir_;
  int pictures_ = 0;
};

TEST_F(DecodersTest, MakesRenditionsInAnotherProcess) {
  Decoders decoders({.program = PINHOLE_DECODER});

  const auto made = decoders.Render(Photograph());

  ASSERT_THAT(made, IsOk());
  EXPECT_EQ(made->info.width, 600);
  EXPECT_EQ(made->info.height, 400);
  EXPECT_EQ(made->info.content_type, "image/jpeg");
  EXPECT_EQ(made->info.size_bytes, fs::file_size(Photograph()));
  for (const std::string& file : made->files) {
    EXPECT_EQ(file.substr(0, 3), "\xff\xd8\xff");
  }
  // The libraries are not loaded here.
  const std::string maps = ReadAll("/proc/self/maps");
  for (const auto library : {"libvips", "libheif", "libjpeg", "libexif"}) {
    EXPECT_THAT(maps, Not(HasSubstr(library)));
  }
}

TEST_F(DecodersTest, ProcessIsKeptBetweenPicturesAndReplacedAfterItsShare) {
  Decoders decoders({.program = PINHOLE_DECODER, .pictures = 3});

  for (int i = 0; i < 3; ++i)
    ASSERT_THAT(decoders.Render(Photograph()), IsOk());
  EXPECT_EQ(decoders.Read().started, 1);

  ASSERT_THAT(decoders.Render(Photograph()), IsOk());
  EXPECT_EQ(decoders.Read().started, 2);
  EXPECT_EQ(decoders.Read().ended[int(DecoderEnd::kRetired)], 1);
}

TEST_F(DecodersTest, RefusalsHaveReasonAndMessage) {
  Decoders decoders({.program = PINHOLE_DECODER});

  const auto made = decoders.Render(Picture("This is not a picture."));

  EXPECT_THAT(made,
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("must")));
  EXPECT_EQ(ReasonOf(made.status()), Reason::kUnsupportedType);
  // The process still works.
  ASSERT_THAT(decoders.Render(Photograph()), IsOk());
  EXPECT_EQ(decoders.Read().started, 1);
}

struct Fault {
  std::string picture;
  Reason reason;
  DecoderEnd end;
};

class DecoderFaultTest : public DecodersTest,
                         public ::testing::WithParamInterface<Fault> {};

TEST_P(DecoderFaultTest, FaultAffectsOnlyItsPicture) {
  Decoders decoders({.program = Fake(),
                     .timeout = GetParam().picture == "hang"
                                    ? absl::Milliseconds(100)
                                    : absl::Seconds(60)});
  ASSERT_THAT(decoders.Render(Picture("good")), IsOk());

  const auto made = decoders.Render(Picture(GetParam().picture));

  EXPECT_THAT(made, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(ReasonOf(made.status()), GetParam().reason) << made.status();
  EXPECT_GE(decoders.Read().ended[static_cast<std::size_t>(GetParam().end)], 1);
  EXPECT_THAT(decoders.Render(Picture("good")), IsOk());
  EXPECT_GE(decoders.Read().started, 2);
}

INSTANTIATE_TEST_SUITE_P(
    Faults, DecoderFaultTest,
    ::testing::Values(
        Fault{"crash", Reason::kDecoderCrashed, DecoderEnd::kCrashed},
        Fault{"abort", Reason::kDecoderCrashed, DecoderEnd::kCrashed},
        // For example by the kernel: retried before the picture is blamed.
        Fault{"killed", Reason::kDecoderCrashed, DecoderEnd::kCrashed},
        Fault{"leave", Reason::kDecoderCrashed, DecoderEnd::kCrashed},
        Fault{"hang up", Reason::kDecoderCrashed, DecoderEnd::kCrashed},
        Fault{"failed", Reason::kDecoderCrashed, DecoderEnd::kCrashed},
        Fault{"memory", Reason::kDecoderOutOfMemory, DecoderEnd::kOutOfMemory},
        Fault{"cpu", Reason::kDecoderOutOfTime, DecoderEnd::kOutOfTime},
        Fault{"hang", Reason::kDecoderOutOfTime, DecoderEnd::kOutOfTime},
        // Answers of a decoder are not trusted.
        Fault{"half", Reason::kDecoderCrashed, DecoderEnd::kCrashed},
        Fault{"huge", Reason::kDecoderCrashed, DecoderEnd::kCrashed},
        Fault{"nothing", Reason::kDecoderCrashed, DecoderEnd::kCrashed},
        Fault{"sides", Reason::kDecoderCrashed, DecoderEnd::kCrashed},
        Fault{"type", Reason::kDecoderCrashed, DecoderEnd::kCrashed},
        Fault{"outcome", Reason::kDecoderCrashed, DecoderEnd::kCrashed},
        Fault{"words", Reason::kDecoderCrashed, DecoderEnd::kCrashed}),
    [](const auto& test) {
      std::string name = test.param.picture;
      std::replace(name.begin(), name.end(), ' ', '_');
      return name;
    });

TEST_F(DecodersTest, ProcessesThatWereKilledWhileIdleAreReplacedUnnoticed) {
  Decoders decoders({.program = PINHOLE_DECODER, .count = 3});
  decoders.Start();
  while (decoders.Read().idle < 3) std::this_thread::yield();

  for (const int pid : Children()) kill(pid, SIGKILL);

  EXPECT_THAT(decoders.Render(Photograph()), IsOk());
  EXPECT_GE(decoders.Read().ended[int(DecoderEnd::kCrashed)], 1);
}

// The reported changes, in order.
class Changes {
 public:
  void Add(const absl::Status& status) {
    absl::MutexLock lock(&mutex_);
    changes_.push_back(status);
  }
  absl::Status Await(std::size_t index) {
    const auto there = [&] { return changes_.size() > index; };
    absl::MutexLock lock(&mutex_, absl::Condition(&there));
    return changes_[index];
  }

 private:
  absl::Mutex mutex_;
  std::vector<absl::Status> changes_;
};

TEST_F(DecodersTest, WithoutAProgramPicturesAreRefusedUntilThereIsOne) {
  Changes changes;
  const fs::path program = dir_.path() / "later";
  Decoders decoders({.program = program, .on_change = [&](const auto& status) {
                       changes.Add(status);
                     }});
  decoders.Start();
  EXPECT_THAT(changes.Await(0), StatusIs(absl::StatusCode::kUnavailable,
                                         HasSubstr(program.string())));
  EXPECT_FALSE(decoders.Read().available);

  const auto refused = decoders.Render(Photograph());

  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(ReasonOf(refused.status()), Reason::kNoDecoder);
  EXPECT_TRUE(RetryDelayOf(refused.status()));

  fs::create_symlink(PINHOLE_DECODER, program);
  EXPECT_THAT(changes.Await(1), IsOk());
  EXPECT_THAT(decoders.Render(Photograph()), IsOk());
}

TEST_F(DecodersTest, ProgramThatEndsOrHasAnotherVersionIsRefused) {
  for (const auto& [name, words] :
       {std::pair{"decoder-that-ends", "exit code 1"},
        std::pair{"decoder-of-old", "version"}}) {
    Decoders decoders({.program = Fake(name)});

    EXPECT_EQ(ReasonOf(decoders.Render(Photograph()).status()),
              Reason::kNoDecoder);

    EXPECT_FALSE(decoders.Read().available) << words;
  }
}

TEST_F(DecodersTest, StopEndsWhatIsBeingDecoded) {
  Decoders decoders({.program = Fake()});
  absl::Status status;
  std::thread uploader(
      [&] { status = decoders.Render(Picture("hang")).status(); });
  while (decoders.Read().busy == 0) std::this_thread::yield();

  decoders.Stop();
  uploader.join();

  EXPECT_THAT(status,
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("stopping")));
  EXPECT_THAT(Children(), ::testing::IsEmpty());
  EXPECT_THAT(decoders.Render(Photograph()),
              StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace pinhole::media
