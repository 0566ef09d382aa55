// SPDX-License-Identifier: Apache-2.0

// Registers, shares a photo and prints the feed:
//   share_photo HOST:PORT HANDLE PASSWORD FILE

#include <iostream>

#include "pinhole/client.h"

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: share_photo HOST:PORT HANDLE PASSWORD FILE\n";
    return 2;
  }
  pinhole::client::Client client(argv[1]);
  if (auto user = client.Register(argv[2], argv[3]); !user.ok()) {
    std::cerr << user.status() << "\n";
    return 1;
  }
  if (auto session = client.Login(argv[2], argv[3]); !session.ok()) {
    std::cerr << session.status() << "\n";
    return 1;
  }
  if (auto photo = client.UploadPhoto(argv[4], {.caption = "My first photo"});
      !photo.ok()) {
    std::cerr << photo.status() << "\n";
    return 1;
  }
  const auto feed = client.Feed(10);
  if (!feed.ok()) return 1;
  for (const auto& photo : *feed) {
    std::cout << photo.name() << "  " << photo.caption() << "\n";
  }
}
