// SPDX-License-Identifier: Apache-2.0

// Making the renditions of a picture in a decoder process, beside doing it in
// this process.

#include <vips/vips.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "fmt/format.h"
#include "server/media/decode/image.h"
#include "server/media/decode/render.h"
#include "server/media/decoders.h"
#include "tests/bench/folder.h"
#include "tests/bench/rounds.h"

namespace pinhole::bench {
namespace {

namespace fs = std::filesystem;

// A JPEG with as much detail as a photograph: coarse and fine noise.
std::string Photograph(int width, int height) {
  VipsImage* coarse = nullptr;
  VipsImage* fine = nullptr;
  vips_perlin(&coarse, width, height, "cell_size", 300, "uchar", TRUE, nullptr);
  vips_perlin(&fine, width, height, "cell_size", 12, "uchar", TRUE, nullptr);
  VipsImage* bands[] = {coarse, fine, coarse};
  VipsImage* joined = nullptr;
  vips_bandjoin(bands, &joined, 3, nullptr);
  media::Image picture(joined);
  media::Apply(picture, [](VipsImage* in, VipsImage** out) {
    return vips_copy(in, out, "interpretation", VIPS_INTERPRETATION_sRGB,
                     nullptr);
  });
  void* bytes = nullptr;
  std::size_t size = 0;
  vips_jpegsave_buffer(picture.get(), &bytes, &size, "Q", 90, nullptr);
  std::string jpeg(static_cast<const char*>(bytes), size);
  g_free(bytes);
  g_object_unref(coarse);
  g_object_unref(fine);
  return jpeg;
}

// Milliseconds that one picture takes, on average.
template <typename Work>
double MillisecondsOf(absl::Duration visit, Work work) {
  const absl::Time begin = absl::Now();
  int pictures = 0;
  do {
    if (const absl::Status status = work(); !status.ok()) {
      std::cerr << status << "\n";
      std::exit(1);
    }
    ++pictures;
  } while (absl::Now() - begin < visit);
  return absl::ToDoubleMilliseconds(absl::Now() - begin) / pictures;
}

int Run(Rounds rounds) {
  if (const absl::Status started = media::StartLibraries(); !started.ok()) {
    std::cerr << started << "\n";
    return 1;
  }
  const Folder folder(rounds.folder());
  media::Decoders decoders({});
  struct Size {
    const char* name;
    int width;
    int height;
  };
  constexpr Size kSizes[] = {{"12 megapixels", 4000, 3000},
                             {"2 megapixels", 1600, 1200}};
  const auto in_process = [](const Size& size) {
    return fmt::format("{}, in this process", size.name);
  };
  const auto in_decoder = [](const Size& size) {
    return fmt::format("{}, in a decoder", size.name);
  };
  const auto more = [](const Size& size) {
    return fmt::format("{}, more in a decoder", size.name);
  };
  for (const Size& size : kSizes) {
    const std::string jpeg = Photograph(size.width, size.height);
    rounds.Remark(
        fmt::format("{}: a JPEG of {} bytes", size.name, jpeg.size()));
    const fs::path file = folder.path() / "picture.jpg";
    std::ofstream(file, std::ios::binary) << jpeg;
    for (int round = 0; round < rounds.count(); ++round) {
      rounds.Note(in_process(size), "ms",
                  MillisecondsOf(rounds.visit(), [&jpeg] {
                    return media::Render(jpeg).status();
                  }));
      rounds.Note(in_decoder(size), "ms", MillisecondsOf(rounds.visit(), [&] {
                    return decoders.Render(file).status();
                  }));
    }
    rounds.NoteDifference(more(size), in_decoder(size), in_process(size));
  }
  return rounds.Finish({{.path = "renditions of 12 megapixels in a decoder, "
                                 "milliseconds more",
                         .figure = more(kSizes[0]),
                         .at_most = 5},
                        {.path = "renditions of 2 megapixels in a decoder, "
                                 "milliseconds more",
                         .figure = more(kSizes[1]),
                         .at_most = 5}});
}

}  // namespace
}  // namespace pinhole::bench

int main(int argc, char** argv) {
  return pinhole::bench::Run({"picture", argc, argv});
}
