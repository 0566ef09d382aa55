// SPDX-License-Identifier: Apache-2.0

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "client/cli/commands/arguments.h"
#include "client/cli/commands/commands.h"
#include "client/cli/commands/progress_bar.h"
#include "client/cli/terminal/text.h"
#include "fmt/format.h"

namespace pinhole::cli {
namespace {

constexpr char kGroup[] = "Photos";

const std::map<std::string, v1::Rendition> kSizes = {
    {"thumbnail", v1::RENDITION_THUMBNAIL},
    {"medium", v1::RENDITION_MEDIUM},
    {"large", v1::RENDITION_LARGE},
    {"original", v1::RENDITION_ORIGINAL}};

const std::vector<std::pair<std::string, v1::Visibility>> kVisibilities = {
    {"public", v1::VISIBILITY_PUBLIC},
    {"followers", v1::VISIBILITY_FOLLOWERS},
    {"private", v1::VISIBILITY_PRIVATE}};

struct UploadArguments {
  std::vector<std::string> files;
  client::Upload upload;
};

// Uploads all files, even if some fail.  Returns the first failure.
absl::Status Upload(Context& context, UploadArguments arguments) {
  auto connected = context.Connect();
  if (!connected.ok()) return connected.status();
  std::vector<v1::Photo> photos;
  absl::Status first_failure;
  for (const std::string& file : arguments.files) {
    ProgressBar bar(context, std::filesystem::path(file).filename());
    arguments.upload.progress = [&bar](std::int64_t done, std::int64_t total) {
      bar.Update(done, total);
    };
    auto photo =
        (*connected)
            ->UploadPhoto(std::filesystem::path(file), arguments.upload);
    if (photo.ok()) {
      photos.push_back(*std::move(photo));
      continue;
    }
    if (arguments.files.size() > 1) {
      context.terminal.err << fmt::format("pinhole: cannot upload {}\n",
                                          Escape(file));
    }
    first_failure.Update(photo.status());
  }
  if (arguments.files.size() == 1 && !photos.empty()) {
    return context.Show<v1::Photo>(photos.front());
  }
  if (!photos.empty()) {
    context.Show<v1::Photo>(absl::StatusOr<std::vector<v1::Photo>>(photos))
        .IgnoreError();
  }
  return first_failure;
}

std::string Extension(const std::string& content_type) {
  static const std::map<std::string, std::string> kExtensions = {
      {"image/jpeg", ".jpg"},
      {"image/png", ".png"},
      {"image/webp", ".webp"},
      {"image/heic", ".heic"}};
  const auto found = kExtensions.find(content_type);
  return found == kExtensions.end() ? ".bin" : found->second;
}

// The default file name of a download, for example "123-large.jpg".
absl::StatusOr<std::string> DefaultFile(client::Client& client,
                                        const std::string& photo,
                                        const std::string& size) {
  std::string extension = ".jpg";
  if (size == "original") {
    const auto details = client.GetPhoto(photo);
    if (!details.ok()) return details.status();
    extension = Extension(details->content_type());
  }
  const std::string id = photo.substr(photo.find('/') + 1);
  return fmt::format("{}-{}{}", id, size, extension);
}

absl::Status Download(Context& context, const std::string& photo,
                      const std::string& size, std::string file) {
  auto connected = context.Connect();
  if (!connected.ok()) return connected.status();
  client::Client& client = **connected;
  const v1::Rendition rendition = kSizes.at(size);
  if (file == "-") {
    if (context.terminal.out_is_terminal) {
      return absl::InvalidArgumentError(
          "standard output is a terminal; use -o FILE or a pipe");
    }
    return client.DownloadPhoto(photo, rendition, context.terminal.out)
        .status();
  }
  if (file.empty()) {
    auto name = DefaultFile(client, photo, size);
    if (!name.ok()) return name.status();
    file = *name;
  }
  const auto head =
      client.DownloadPhoto(photo, rendition, std::filesystem::path(file));
  if (!head.ok()) return head.status();
  return context.Show(*head, fmt::format("Saved {} ({}).", file,
                                         FormatBytes(head->size_bytes())));
}

using List =
    std::function<absl::StatusOr<std::vector<v1::Photo>>(client::Client&)>;

absl::Status ShowPhotos(Context& context, const List& list) {
  auto connected = context.Connect();
  if (!connected.ok()) return connected.status();
  return context.Show<v1::Photo>(list(**connected));
}

// Writes each new photo as a line, in JSON or as text.
absl::Status Watch(Context& context, int limit) {
  auto connected = context.Connect();
  if (!connected.ok()) return connected.status();
  context.Say("Waiting for new photos. Press Ctrl-C to stop.");
  int left = limit;
  return (*connected)->WatchFeed([&](const v1::WatchFeedResponse& entry) {
    const v1::Photo& photo = entry.photo();
    context.Write(context.json
                      ? Json(entry) + "\n"
                      : fmt::format("{}  @{}  {}\n", Escape(photo.name()),
                                    Escape(client::HandleOf(photo.owner())),
                                    Escape(photo.caption())));
    context.terminal.out.flush();
    return --left != 0 && context.terminal.out.good();
  });
}

void AddUpload(CliCommand app, Context& context) {
  CliCommand command = app.AddCommand(
      "upload", "Publish photos (JPEG, PNG, WebP or HEIC files)");
  command.Group(kGroup);
  auto arguments = std::make_shared<UploadArguments>();
  command.Add("FILE", arguments->files, "Photo files to upload").Required();
  command.Add("--caption", arguments->upload.caption,
              "Caption of each photo, at most 2000 characters");
  command.Add(
      "--alt-text", arguments->upload.alt_text,
      "Description of the picture for people who cannot see it, at most "
      "1000 characters");
  arguments->upload.visibility = v1::VISIBILITY_PUBLIC;
  command.AddChoice("--visibility", arguments->upload.visibility, kVisibilities,
                    "Visibility of the photos");
  context.On(command,
             [&context, arguments] { return Upload(context, *arguments); });
}

absl::Status Edit(Context& context, const std::string& photo,
                  const client::PhotoChanges& changes) {
  if (!changes.caption && !changes.alt_text && !changes.visibility) {
    return context.Misuse(
        "nothing to change; give --caption, --alt-text or --visibility");
  }
  auto connected = context.Connect();
  if (!connected.ok()) return connected.status();
  return context.Show((*connected)->UpdatePhoto(photo, changes));
}

void AddEdit(CliCommand app, Context& context) {
  struct Values {
    std::string caption;
    std::string alt_text;
    v1::Visibility visibility = v1::VISIBILITY_UNSPECIFIED;
  };
  CliCommand command = app.AddCommand(
      "edit", "Change the texts or the visibility of one of your photos");
  auto photo = AddPhoto(command.Group(kGroup));
  auto values = std::make_shared<Values>();
  const Option caption =
      command.Add("--caption", values->caption,
                  "New caption, at most 2000 characters; an empty text removes "
                  "it");
  const Option alt_text = command.Add(
      "--alt-text", values->alt_text,
      "New description of the picture for people who cannot see it, at most "
      "1000 characters; an empty text removes it");
  const Option visibility = command.AddChoice(
      "--visibility", values->visibility, kVisibilities, "New visibility");
  context.On(command, [&context, photo, values, caption, alt_text, visibility] {
    client::PhotoChanges changes;
    if (caption.IsGiven()) changes.caption = values->caption;
    if (alt_text.IsGiven()) changes.alt_text = values->alt_text;
    if (visibility.IsGiven()) changes.visibility = values->visibility;
    return Edit(context, *photo, changes);
  });
}

void AddDownload(CliCommand app, Context& context) {
  CliCommand command = app.AddCommand("download", "Save a photo as a file");
  auto photo = AddPhoto(command.Group(kGroup));
  auto size = std::make_shared<std::string>("large");
  command
      .Add("--size", *size,
           "Rendition to download; only the owner can download the original")
      .OneOf({"thumbnail", "medium", "large", "original"})
      .ShowDefault();
  auto file = std::make_shared<std::string>();
  command.Add(
      "-o,--output", *file,
      "File to write, or - for standard output; by default a name such as "
      "123-large.jpg in the current directory");
  context.On(command, [&context, photo, size, file] {
    return Download(context, *photo, *size, *file);
  });
}

void AddLists(CliCommand app, Context& context) {
  CliCommand command = app.AddCommand(
      "feed", "Show the newest photos by you and the users you follow");
  auto limit = AddLimit(command.Group(kGroup));
  context.On(command, [&context, limit] {
    return ShowPhotos(context,
                      [&](auto& client) { return client.Feed(*limit); });
  });

  command =
      app.AddCommand("recent", "Show the newest public photos of all users");
  limit = AddLimit(command.Group(kGroup));
  context.On(command, [&context, limit] {
    return ShowPhotos(
        context, [&](auto& client) { return client.RecentPhotos(*limit); });
  });

  command = app.AddCommand("photos", "Show the photos of a user");
  auto user = AddOptionalHandle(command.Group(kGroup));
  limit = AddLimit(command);
  context.On(command, [&context, user, limit] {
    return ShowPhotos(
        context, [&](auto& client) { return client.PhotosOf(*user, *limit); });
  });

  command = app.AddCommand(
      "watch", "Show new photos in your feed as they are published");
  command.Group(kGroup);
  auto count = std::make_shared<int>(0);
  command
      .Add("--limit", *count,
           "Number of photos to show before exiting; 0 never exits")
      .NotNegative();
  context.On(command, [&context, count] { return Watch(context, *count); });
}

}  // namespace

void AddPhotoCommands(CliCommand app, Context& context) {
  AddUpload(app, context);
  AddEdit(app, context);
  AddDownload(app, context);
  AddLists(app, context);

  CliCommand command = app.AddCommand("show", "Show the details of a photo");
  auto photo = AddPhoto(command.Group(kGroup));
  context.On(command, [&context, photo]() -> absl::Status {
    auto connected = context.Connect();
    if (!connected.ok()) return connected.status();
    return context.Show((*connected)->GetPhoto(*photo));
  });

  command = app.AddCommand(
      "delete",
      "Delete one of your photos; administrators can delete any photo");
  photo = AddPhoto(command.Group(kGroup));
  context.On(command, [&context, photo]() -> absl::Status {
    auto connected = context.Connect();
    if (!connected.ok()) return connected.status();
    auto status = (*connected)->DeletePhoto(*photo);
    if (status.ok()) context.Say(fmt::format("Deleted {}.", *photo));
    return status;
  });
}

}  // namespace pinhole::cli
