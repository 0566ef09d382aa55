// SPDX-License-Identifier: Apache-2.0

#include "server/media/walk/jpeg.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "server/media/picture_refusal.h"
#include "server/media/walk/bytes.h"
#include "server/media/walk/colour_profile.h"
#include "server/media/walk/exif_orientation.h"

namespace pinhole::media {
namespace {

using namespace std::literals::string_view_literals;

// T.81, table B.1.
constexpr unsigned kTem = 0x01;
constexpr unsigned kSof0 = 0xc0;
constexpr unsigned kDht = 0xc4;
constexpr unsigned kDac = 0xcc;
constexpr unsigned kSoi = 0xd8;
constexpr unsigned kEoi = 0xd9;
constexpr unsigned kSos = 0xda;
constexpr unsigned kDqt = 0xdb;
constexpr unsigned kDnl = 0xdc;
constexpr unsigned kDri = 0xdd;
constexpr unsigned kApp0 = 0xe0;
constexpr unsigned kApp1 = 0xe1;
constexpr unsigned kApp2 = 0xe2;
constexpr unsigned kApp14 = 0xee;
constexpr unsigned kCom = 0xfe;

// T.871: version 1.1, square pixels, no thumbnail.
constexpr std::string_view kJfif = "JFIF\0\1\1\0\0\1\0\1\0\0"sv;

constexpr int kMaxScans = 100;
// Maximum of decoder visits per sample, averaged over the pixels: a scan visits
// every sample of its components, even if it adds nothing to them. libjpeg's
// script for progressive RGB or YCbCr takes 14, for CMYK 24, mozjpeg's widest
// about 30; 100 scans of four components take 103.
constexpr std::int64_t kMaxVisits = 40;
// Any number of scans is acceptable within this: 2^28 visits take 0.1 s when
// the scans are empty.
constexpr std::int64_t kCheapVisits = std::int64_t{1} << 28;

bool IsRestart(unsigned marker) { return marker >= 0xd0 && marker <= 0xd7; }

bool IsTable(unsigned marker) {
  return marker == kDht || marker == kDac || marker == kDqt || marker == kDri;
}

bool IsStartOfFrame(unsigned marker) {
  // 0xc8 is reserved.
  return marker >= kSof0 && marker <= 0xcf && marker != kDht &&
         marker != 0xc8 && marker != kDac;
}

// Segments that a decoder does not need.
bool IsDispensable(unsigned marker) {
  return (marker >= kApp0 && marker <= 0xef) || marker == kCom ||
         marker == kDnl;
}

// The APP2 segments of one profile (ICC.1:2022, annex B.4): each has its
// number, from 1, and the total.
class ProfileChunks {
 public:
  void Add(std::string_view segment) {
    constexpr std::string_view kName = "ICC_PROFILE\0"sv;
    if (segment.substr(0, kName.size()) != kName) return;
    ByteReader reader(segment.substr(kName.size()));
    const unsigned number = reader.U8();
    const unsigned count = reader.U8();
    if (!reader.ok()) return;
    valid_ = valid_ && number >= 1 && number <= count &&
             (count_ == 0 || count == count_) && chunks_[number].empty();
    count_ = count;
    chunks_[number] = reader.rest();
  }

  // Empty if a chunk is missing, if they disagree or are too large together.
  std::string Assemble() const {
    std::string profile;
    for (unsigned i = 1; valid_ && i <= count_; ++i) {
      profile += chunks_[i];
      if (chunks_[i].empty() || profile.size() > kMaxProfileBytes) return "";
    }
    return std::string(PlausibleProfile(profile));
  }

 private:
  std::array<std::string_view, 256> chunks_;
  unsigned count_ = 0;
  bool valid_ = true;
};

struct Component {
  unsigned id = 0;
  std::int64_t samples = 0;
  bool scanned = false;
};

class JpegWalk {
 public:
  explicit JpegWalk(std::string_view file) : file_(file) {}

  absl::StatusOr<WalkedPicture> Run() {
    at_ = 2;  // Past SOI.
    picture_.type = PictureType::kJpeg;
    RETURN_IF_ERROR(WalkToFirstScan());
    RETURN_IF_ERROR(WalkScans());
    picture_.profile = profile_.Assemble();
    picture_.bytes = std::move(out_);
    return std::move(picture_);
  }

 private:
  unsigned At(std::size_t at) const {
    return static_cast<unsigned char>(file_[at]);
  }

  // Reads the next marker, after any number of 0xff; nullopt if there is none
  // here.
  std::optional<unsigned> Marker() {
    std::size_t at = at_;
    while (at < file_.size() && At(at) == 0xff) ++at;
    if (at == at_ || at == file_.size()) return std::nullopt;
    at_ = at + 1;
    return At(at);
  }

  // As `Marker`, but skips stray bytes, which some cameras leave between the
  // segments.
  std::optional<unsigned> MarkerPastFilling() {
    while (true) {
      at_ = std::min(file_.find('\xff', at_), file_.size());
      const auto marker = Marker();
      if (marker != 0u) return marker;
    }
  }

  // Reads the segment of a marker; nullopt if it is truncated.
  std::optional<std::string_view> Segment() {
    ByteReader reader(file_.substr(at_));
    const std::size_t length = reader.U16();
    if (!reader.ok() || length < 2) return std::nullopt;
    const std::string_view segment = reader.Take(length - 2);
    if (!reader.ok()) return std::nullopt;
    at_ += length;
    return segment;
  }

  static void AppendSegment(std::string& to, unsigned marker,
                            std::string_view segment) {
    AppendBig(to, 0xff00 | marker, 2);
    AppendBig(to, segment.size() + 2, 2);
    to += segment;
  }

  absl::Status WalkToFirstScan() {
    while (const auto marker = MarkerPastFilling()) {
      if (IsRestart(*marker) || *marker == kTem) continue;
      if (*marker == kSoi || *marker == kEoi) return Damaged();
      const auto segment = Segment();
      if (!segment) return Damaged();
      if (*marker == kSos) return StartPicture(*segment);
      if (IsStartOfFrame(*marker)) {
        RETURN_IF_ERROR(ReadFrame(*marker, *segment));
      } else if (IsTable(*marker)) {
        AppendSegment(tables_, *marker, *segment);
      } else if (IsDispensable(*marker)) {
        ReadApplication(*marker, *segment);
      } else {
        return Damaged();
      }
    }
    return Damaged();
  }

  void ReadApplication(unsigned marker, std::string_view segment) {
    // libjpeg ignores shorter ones, too.
    if (marker == kApp0 && segment.size() >= kJfif.size() &&
        segment.substr(0, 5) == kJfif.substr(0, 5)) {
      jfif_ = true;
    }
    if (marker == kApp2) profile_.Add(segment);
    if (marker == kApp1 && !exif_ && segment.substr(0, 6) == "Exif\0\0"sv) {
      exif_ = true;
      picture_.orientation = ExifOrientation(segment);
    }
    // T.872, 6.5.3: a name, a version, two words of flags and the transform.
    if (marker == kApp14 && segment.size() >= 12 &&
        segment.substr(0, 5) == "Adobe") {
      adobe_transform_ = static_cast<unsigned char>(segment[11]);
    }
  }

  absl::Status ReadFrame(unsigned marker, std::string_view segment) {
    if (!components_.empty()) return Damaged();
    if (marker == 0xc3 || marker == 0xcb) {
      return UnsupportedCoding("a lossless JPEG");
    }
    if (marker != 0xc0 && marker != 0xc1 && marker != 0xc2 && marker != 0xc9 &&
        marker != 0xca) {
      return UnsupportedCoding("a hierarchical JPEG");
    }
    ByteReader reader(segment);
    const unsigned bits = reader.U8();
    picture_.height = reader.U16();
    picture_.width = reader.U16();
    const unsigned count = reader.U8();
    if (!reader.ok() || reader.left() != std::size_t{3} * count) {
      return Damaged();
    }
    RETURN_IF_ERROR(CheckSize(picture_.width, picture_.height));
    if (bits != 8) return UnsupportedCoding("a JPEG of more than 8 bits");
    if (count != 1 && count != 3 && count != 4) {
      return UnsupportedCoding("a JPEG of 2 or more than 4 components");
    }
    progressive_ = marker == 0xc2 || marker == 0xca;
    AppendSegment(tables_, marker, segment);
    return ReadComponents(reader);
  }

  absl::Status ReadComponents(ByteReader reader) {
    struct Sampling {
      std::int64_t across, down;
    };
    std::vector<Sampling> samplings;
    Sampling most = {1, 1};
    while (reader.left() > 0) {
      components_.push_back({.id = reader.U8()});
      const unsigned factors = reader.U8();
      reader.Skip(1);
      const Sampling sampling = {factors >> 4, factors & 15};
      if (sampling.across < 1 || sampling.across > 4 || sampling.down < 1 ||
          sampling.down > 4) {
        return Damaged();
      }
      samplings.push_back(sampling);
      most.across = std::max(most.across, sampling.across);
      most.down = std::max(most.down, sampling.down);
    }
    // Blocks of 8 x 8 samples, grouped by the sampling factors.
    const std::int64_t units =
        ((picture_.width + 8 * most.across - 1) / (8 * most.across)) *
        ((picture_.height + 8 * most.down - 1) / (8 * most.down));
    for (std::size_t i = 0; i < components_.size(); ++i) {
      components_[i].samples =
          units * samplings[i].across * samplings[i].down * 64;
      samples_ += components_[i].samples;
    }
    return absl::OkStatus();
  }

  absl::Status StartPicture(std::string_view scan) {
    if (components_.empty()) return Damaged();
    out_.reserve(file_.size());
    out_ = "\xff\xd8";
    if (jfif_) {
      AppendSegment(out_, kApp0, kJfif);
    }
    if (adobe_transform_) {
      std::string adobe("Adobe\0\x64\0\0\0\0"sv);
      adobe += static_cast<char>(*adobe_transform_);
      AppendSegment(out_, kApp14, adobe);
    }
    out_ += tables_;
    if (!IsNextScan(scan)) return Damaged();
    return CopyScan(scan);
  }

  // Whether a scan can belong to this picture: a sequential picture has one
  // scan of each component.
  bool IsNextScan(std::string_view scan) {
    ByteReader reader(scan);
    const unsigned count = reader.U8();
    if (!reader.ok() || count < 1 || count > 4 ||
        reader.left() != std::size_t{2} * count + 3) {
      return false;
    }
    for (unsigned i = 0; i < count; ++i) {
      const Component* component = Find(reader.U8());
      reader.Skip(1);
      if (component == nullptr || (component->scanned && !progressive_)) {
        return false;
      }
    }
    return true;
  }

  Component* Find(unsigned id) {
    const auto found =
        std::find_if(components_.begin(), components_.end(),
                     [id](const Component& c) { return c.id == id; });
    return found == components_.end() ? nullptr : &*found;
  }

  absl::Status CopyScan(std::string_view scan) {
    ByteReader reader(scan);
    for (unsigned left = reader.U8(); left > 0; --left) {
      Component* component = Find(reader.U8());
      reader.Skip(1);
      component->scanned = true;
      visits_ += component->samples;
    }
    const std::int64_t pixels = std::int64_t{picture_.width} * picture_.height;
    // A sequential picture is visited once, however large its last blocks are.
    const std::int64_t most =
        std::max({kCheapVisits, kMaxVisits * pixels, samples_});
    if (++scans_ > kMaxScans || visits_ > most) return TooManyScans();
    AppendSegment(out_, kSos, scan);
    const std::size_t end = EndOfData();
    out_ += file_.substr(at_, end - at_);
    at_ = end;
    return absl::OkStatus();
  }

  // Data ends at a marker: 0xff followed by anything but 0 (an escaped 0xff) or
  // a restart.
  std::size_t EndOfData() const {
    std::size_t at = at_;
    while (true) {
      const std::size_t found = file_.find('\xff', at);
      if (found == std::string_view::npos) return file_.size();
      at = file_.find_first_not_of('\xff', found);
      if (at == std::string_view::npos) return found;
      if (At(at) != 0 && !IsRestart(At(at))) return found;
    }
  }

  absl::Status WalkScans() {
    while (const auto scan = NextScan()) {
      RETURN_IF_ERROR(CopyScan(*scan));
    }
    AppendBig(out_, 0xff00 | kEoi, 2);
    return absl::OkStatus();
  }

  // Returns the next scan and copies its tables; nullopt at the end of the
  // picture.
  std::optional<std::string_view> NextScan() {
    tables_.clear();
    while (const auto marker = Marker()) {
      const bool belongs =
          *marker == kSos || IsTable(*marker) || IsDispensable(*marker);
      const auto segment = belongs ? Segment() : std::nullopt;
      if (!segment) return std::nullopt;
      if (IsTable(*marker)) AppendSegment(tables_, *marker, *segment);
      if (*marker != kSos) continue;
      if (!IsNextScan(*segment)) return std::nullopt;
      out_ += tables_;
      return segment;
    }
    return std::nullopt;
  }

  const std::string_view file_;
  std::size_t at_ = 0;
  WalkedPicture picture_;
  std::string out_;
  std::string tables_;  // And the frame, since the last scan.
  std::vector<Component> components_;
  std::int64_t samples_ = 0;
  std::int64_t visits_ = 0;
  int scans_ = 0;
  bool progressive_ = false;
  bool jfif_ = false;
  bool exif_ = false;
  std::optional<unsigned> adobe_transform_;
  ProfileChunks profile_;
};

}  // namespace

absl::StatusOr<WalkedPicture> WalkJpeg(std::string_view file) {
  return JpegWalk(file).Run();
}

}  // namespace pinhole::media
