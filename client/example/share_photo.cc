// SPDX-License-Identifier: Apache-2.0

// Registers, shares a photo and prints the feed:
//   share_photo HOST:PORT HANDLE PASSWORD FILE

#include <cstdlib>
#include <iostream>

#include "pinhole/client.h"

void Check(const absl::Status& status) {
  if (status.ok()) return;
  std::cerr << status.message() << "\n";
  std::exit(1);
}

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: share_photo HOST:PORT HANDLE PASSWORD FILE\n";
    return 2;
  }
  pinhole::client::Client client(argv[1]);
  Check(client.Register(argv[2], argv[3]).status());
  Check(client.Login(argv[2], argv[3]).status());
  Check(client.UploadPhoto(argv[4], {.caption = "My first photo"}).status());
  auto feed = client.Feed();
  for (const auto& photo : feed) {
    std::cout << photo.name() << "  " << photo.caption() << "\n";
  }
  Check(feed.status());
}
