// SPDX-License-Identifier: Apache-2.0

#include <functional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "tests/unit/server/rpc/services_fixture.h"

namespace pinhole::rpc {
namespace {

using ::google::rpc::Code;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Stops the call after a number of entries.
class StoppingWriter final : public MessageWriter {
 public:
  StoppingWriter(std::stop_source stop, std::size_t wanted)
      : stop_(std::move(stop)), wanted_(wanted) {}

  Task<absl::Status> Begin() override {
    if (begun) begun();
    if (wanted_ == 0) stop_.request_stop();
    co_return absl::OkStatus();
  }
  Task<absl::Status> Write(Message& message) override {
    entries.push_back(static_cast<const v1::WatchFeedResponse&>(message));
    if (entries.size() == wanted_) stop_.request_stop();
    co_return absl::OkStatus();
  }

  std::function<void()> begun;  // Called before the first entry.
  std::vector<v1::WatchFeedResponse> entries;

 private:
  std::stop_source stop_;
  const std::size_t wanted_;
};

class WatchFeedTest : public ServicesTest {
 protected:
  WatchFeedTest() { world_.Follow(reader_, "writer"); }

  // Watches until `wanted` entries have arrived; calls `begun` when it starts.
  std::vector<v1::WatchFeedResponse> Watch(
      std::size_t wanted, std::function<void()> begun = nullptr,
      const std::string& resume_token = "") {
    v1::WatchFeedRequest request;
    request.set_resume_token(resume_token);
    const auto call = NewCall(token_);
    std::stop_source stop;
    call->stop = stop.get_token();
    StoppingWriter writer(stop, wanted);
    writer.begun = std::move(begun);
    last_ = world_.Run(dispatch_.ServerStreaming(
        *registry_.Find("pinhole.v1.SocialService.WatchFeed"), *call, request,
        writer));
    return writer.entries;
  }

  // On another thread, since the watch runs on this one.
  std::string Publish(UserId owner) {
    return fmt::format("photos/{}", Add(owner).value);
  }
  PhotoId Add(UserId owner) {
    static int made = 0;
    absl::Notification done;
    PhotoId id;
    AddPhoto add;
    add.owner = owner;
    add.file_key = fmt::format("{:032x}", ++made);
    add.content_type = "image/jpeg";
    world_.store->Submit(RecordUpload{add.file_key}, {},
                         [](const absl::StatusOr<CommandResult>&) {});
    world_.store->Submit(std::move(add), {},
                         [&](absl::StatusOr<CommandResult> result) {
                           id = std::get<Photo>(*std::move(result)).id;
                           done.Notify();
                         });
    done.WaitForNotification();
    world_.events.PhotoPublished();
    return id;
  }

  static std::vector<std::string> Names(
      const std::vector<v1::WatchFeedResponse>& entries) {
    std::vector<std::string> names;
    for (const auto& entry : entries) names.push_back(entry.photo().name());
    return names;
  }

  const std::string token_ = SignUp("reader");
  const UserId reader_ = world_.reader.FindCredentials("reader")->id;
  const UserId writer_ = world_.AddUser("writer");
  const UserId stranger_ = world_.AddUser("stranger");
};

TEST_F(WatchFeedTest, ShowsPhotosPublishedSinceItsStart) {
  Publish(writer_);
  std::vector<std::string> published;

  const auto entries = Watch(2, [&] {
    published.push_back(Publish(writer_));
    Publish(stranger_);
    published.push_back(Publish(reader_));
  });

  EXPECT_EQ(Names(entries), published);
  EXPECT_EQ(last_.code(), Code::CANCELLED);
}

TEST_F(WatchFeedTest, ResumesWithoutGapOrRepeat) {
  const auto first = Watch(1, [&] { Publish(writer_); });
  const std::string missed = Publish(writer_);

  std::string published;
  const auto then = Watch(
      2, [&] { published = Publish(writer_); }, first[0].resume_token());

  EXPECT_THAT(Names(then), ElementsAre(missed, published));
}

TEST_F(WatchFeedTest, ResumeTokensAreTheCallersOwn) {
  const auto first = Watch(1, [&] { Publish(writer_); });
  const std::string other = SignUp("other");

  EXPECT_THAT(Watch(0, nullptr, "nonsense"), IsEmpty());
  EXPECT_EQ(last_.code(), Code::INVALID_ARGUMENT);
  v1::WatchFeedRequest request;
  request.set_resume_token(first[0].resume_token());
  const auto call = NewCall(other);
  ListWriter writer;
  EXPECT_EQ(world_
                .Run(dispatch_.ServerStreaming(
                    *registry_.Find("pinhole.v1.SocialService.WatchFeed"),
                    *call, request, writer))
                .code(),
            Code::INVALID_ARGUMENT);
}

TEST_F(WatchFeedTest, EndsWhenTheSessionHasEnded) {
  const auto entries = Watch(9, [&] {
    const SessionId session =
        world_.Run(accounts_.Authenticate(token_))->session;
    absl::Notification done;
    world_.store->Submit(
        DeleteSession{reader_, session}, {},
        [&](const absl::StatusOr<CommandResult>&) { done.Notify(); });
    done.WaitForNotification();
    Publish(writer_);
  });

  EXPECT_THAT(entries, IsEmpty());
  EXPECT_EQ(last_.code(), Code::UNAUTHENTICATED);
}

TEST_F(WatchFeedTest, NeedsASession) {
  v1::WatchFeedRequest request;
  const auto call = NewCall("");
  ListWriter writer;

  EXPECT_EQ(world_
                .Run(dispatch_.ServerStreaming(
                    *registry_.Find("pinhole.v1.SocialService.WatchFeed"),
                    *call, request, writer))
                .code(),
            Code::UNAUTHENTICATED);
  EXPECT_EQ(writer.begun, 0);
}

}  // namespace
}  // namespace pinhole::rpc
