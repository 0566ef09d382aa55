// SPDX-License-Identifier: Apache-2.0

#include "server/media/s3/connection.h"

#include <curl/curl.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "fmt/format.h"

namespace pinhole::media::s3 {
namespace {

// More is left in the network until `Read` asks for it.
constexpr std::size_t kMaxBufferedBytes = 256 << 10;
// Enough for all headers of S3 and of proxies in front of it.
constexpr std::size_t kMaxHeaders = 100;

void InitializeLibrary() {
  static const CURLcode initialized = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(initialized);  // Later calls report that it failed.
}

// libcurl 7.88 opens sockets that child processes inherit.
curl_socket_t OpenSocket(void*, curlsocktype, curl_sockaddr* address) {
  return socket(address->family, address->socktype | SOCK_CLOEXEC,
                address->protocol);
}

}  // namespace

std::string_view HttpResponse::Header(std::string_view name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string_view() : found->second;
}

absl::StatusOr<std::int64_t> HttpResponse::ContentLength() const {
  const std::string_view text = Header("content-length");
  std::int64_t length = -1;
  std::from_chars(text.data(), text.data() + text.size(), length);
  if (length < 0) {
    return absl::UnavailableError("S3 did not send the length of an object");
  }
  return length;
}

// libcurl's handles and the state that its callbacks change.
class Connection::Exchange {
 public:
  Exchange() {
    InitializeLibrary();
    multi_ = curl_multi_init();
    easy_ = curl_easy_init();
  }

  ~Exchange() {
    End();
    if (easy_ != nullptr) curl_easy_cleanup(easy_);
    if (multi_ != nullptr) curl_multi_cleanup(multi_);
  }

  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  absl::Status Begin(const HttpRequest& request, absl::Duration connect) {
    End();
    if (multi_ == nullptr || easy_ == nullptr) {
      return absl::InternalError("libcurl has no memory");
    }
    // Keeps open connections, and the caches of addresses and TLS sessions.
    curl_easy_reset(easy_);
    error_[0] = '\0';
    body_ = request.body;
    upload_error_ = absl::OkStatus();
    end_ = absl::OkStatus();
    response_ = {};
    buffer_.clear();
    head_complete_ = false;
    paused_ = false;
    for (const auto& [name, value] : request.headers) {
      // libcurl sends a header with an empty value only in this form.
      const std::string line =
          value.empty() ? name + ";" : fmt::format("{}: {}", name, value);
      headers_ = curl_slist_append(headers_, line.c_str());
    }
    // Otherwise a large upload waits for "100 Continue", which not all servers
    // send.
    headers_ = curl_slist_append(headers_, "Expect:");
    SetOptions(request, connect);
    if (const CURLMcode code = curl_multi_add_handle(multi_, easy_);
        code != CURLM_OK) {
      return absl::InternalError(curl_multi_strerror(code));
    }
    running_ = true;
    return absl::OkStatus();
  }

  // Ends the exchange.  If the body was not received whole, this closes the
  // connection.
  void End() {
    if (running_ || finished_) curl_multi_remove_handle(multi_, easy_);
    running_ = false;
    finished_ = false;
    curl_slist_free_all(headers_);
    headers_ = nullptr;
  }

  // Sends and receives until the head of the response and `bytes` of its body
  // have arrived, or the end.
  absl::Status Await(std::size_t bytes, absl::Duration stall,
                     absl::Time deadline) {
    wanted_ = bytes;
    std::int64_t progress = progress_;
    absl::Time last_progress = absl::Now();
    while (running_ && !HasBody(bytes)) {
      if (paused_) {
        paused_ = false;
        curl_easy_pause(easy_, CURLPAUSE_CONT);
      }
      RETURN_IF_ERROR(Perform());
      if (!running_ || HasBody(bytes)) break;
      const absl::Time now = absl::Now();
      if (progress != progress_) {
        progress = progress_;
        last_progress = now;
      }
      if (now >= deadline) {
        return absl::UnavailableError("no complete answer in time");
      }
      if (now - last_progress >= stall) {
        return absl::UnavailableError(fmt::format(
            "no progress for {}", absl::FormatDuration(now - last_progress)));
      }
      const absl::Duration wait =
          std::min(deadline - now, last_progress + stall - now);
      constexpr int kMaxWaitMilliseconds = 1000;
      const int milliseconds = static_cast<int>(std::min<std::int64_t>(
          absl::ToInt64Milliseconds(wait) + 1, kMaxWaitMilliseconds));
      curl_multi_poll(multi_, nullptr, 0, milliseconds, nullptr);
    }
    // What arrived before a failure is used, too.
    return HasBody(bytes) ? absl::OkStatus() : end_;
  }

  // Whether the response has arrived up to byte `bytes` of its body.
  bool HasBody(std::size_t bytes) const {
    return head_complete_ && buffer_.size() >= bytes;
  }
  bool running() const { return running_; }
  const HttpResponse& response() const { return response_; }

  std::string Take(std::size_t max_bytes) {
    std::string bytes = buffer_.substr(0, max_bytes);
    buffer_.erase(0, bytes.size());
    return bytes;
  }

  bool is_empty() const { return buffer_.empty(); }

 private:
  template <typename Value>
  void Set(CURLoption option, Value value) {
    curl_easy_setopt(easy_, option, value);
  }

  void SetOptions(const HttpRequest& request, absl::Duration connect) {
    Set(CURLOPT_NOSIGNAL, 1L);
    Set(CURLOPT_URL, request.url.c_str());
    // Otherwise libcurl removes "." and "..", which the signature includes.
    Set(CURLOPT_PATH_AS_IS, 1L);
    Set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    Set(CURLOPT_CONNECTTIMEOUT_MS,
        static_cast<long>(absl::ToInt64Milliseconds(connect)));
    Set(CURLOPT_TCP_KEEPALIVE, 1L);
    Set(CURLOPT_OPENSOCKETFUNCTION, &OpenSocket);
    Set(CURLOPT_ERRORBUFFER, error_);
    Set(CURLOPT_HTTPHEADER, headers_);
    Set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);  // Of an HTTP proxy.
    Set(CURLOPT_HEADERFUNCTION, &OnHeader);
    Set(CURLOPT_HEADERDATA, this);
    Set(CURLOPT_WRITEFUNCTION, &OnBody);
    Set(CURLOPT_WRITEDATA, this);
    if (request.method == "HEAD") {
      Set(CURLOPT_NOBODY, 1L);
    } else if (request.method == "PUT") {
      Set(CURLOPT_UPLOAD, 1L);
      Set(CURLOPT_READFUNCTION, &OnUpload);
      Set(CURLOPT_READDATA, this);
      Set(CURLOPT_SEEKFUNCTION, &OnSeek);
      Set(CURLOPT_SEEKDATA, this);
      Set(CURLOPT_INFILESIZE_LARGE,
          static_cast<curl_off_t>(request.body_bytes));
    } else if (request.method != "GET") {
      Set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    }
  }

  absl::Status Perform() {
    int transfers = 0;
    if (const CURLMcode code = curl_multi_perform(multi_, &transfers);
        code != CURLM_OK) {
      return absl::InternalError(curl_multi_strerror(code));
    }
    int left = 0;
    const CURLMsg* const message = curl_multi_info_read(multi_, &left);
    if (message == nullptr || message->msg != CURLMSG_DONE) {
      return absl::OkStatus();
    }
    const CURLcode result = message->data.result;
    running_ = false;
    finished_ = true;
    if (!upload_error_.ok()) {
      end_ = upload_error_;
    } else if (result != CURLE_OK) {
      end_ = absl::UnavailableError(
          error_[0] != '\0' ? error_ : curl_easy_strerror(result));
    }
    return absl::OkStatus();
  }

  static std::size_t OnHeader(char* bytes, std::size_t, std::size_t size,
                              void* self) {
    return static_cast<Exchange*>(self)->AddHeader({bytes, size}) ? size : 0;
  }

  // Receives the status line, each header, and the empty line at the end.
  bool AddHeader(std::string_view line) {
    ++progress_;
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) {
      line.remove_suffix(1);
    }
    if (line.starts_with("HTTP/")) {
      response_ = {};
      return true;
    }
    if (line.empty()) {
      long status = 0;
      curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
      response_.status = static_cast<int>(status);
      constexpr int kFirstFinalStatus = 200;
      head_complete_ = response_.status >= kFirstFinalStatus;
      return true;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return true;
    if (response_.headers.size() >= kMaxHeaders) return false;
    std::string name(line.substr(0, colon));
    for (char& c : name) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    std::string_view value = line.substr(colon + 1);
    value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
    response_.headers.insert_or_assign(std::move(name), std::string(value));
    return true;
  }

  static std::size_t OnBody(char* bytes, std::size_t, std::size_t size,
                            void* self) {
    return static_cast<Exchange*>(self)->AddBody({bytes, size});
  }

  std::size_t AddBody(std::string_view bytes) {
    ++progress_;
    if (buffer_.size() >= std::max(kMaxBufferedBytes, wanted_)) {
      paused_ = true;
      return CURL_WRITEFUNC_PAUSE;
    }
    buffer_ += bytes;
    return bytes.size();
  }

  static std::size_t OnUpload(char* to, std::size_t, std::size_t size,
                              void* self) {
    return static_cast<Exchange*>(self)->Upload(to, size);
  }

  std::size_t Upload(char* to, std::size_t size) {
    ++progress_;
    if (body_ == nullptr) return 0;
    absl::StatusOr<std::string> bytes = body_->Read(size);
    if (!bytes.ok()) {
      upload_error_ = bytes.status();
      return CURL_READFUNC_ABORT;
    }
    std::memcpy(to, bytes->data(), bytes->size());
    return bytes->size();
  }

  static int OnSeek(void* self, curl_off_t offset, int origin) {
    auto* const exchange = static_cast<Exchange*>(self);
    const bool done =
        origin == SEEK_SET &&
        (exchange->body_ == nullptr || exchange->body_->Seek(offset).ok());
    return done ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL;
  }

  CURLM* multi_ = nullptr;
  CURL* easy_ = nullptr;
  curl_slist* headers_ = nullptr;
  char error_[CURL_ERROR_SIZE] = {};

  File* body_ = nullptr;
  absl::Status upload_error_;  // Of reading the file that is sent.
  absl::Status end_;           // How the exchange ended.
  HttpResponse response_;
  std::string buffer_;         // Of the response's body.
  std::size_t wanted_ = 0;     // Bytes of the body that the caller waits for.
  std::int64_t progress_ = 0;  // Grows with every piece sent or received.
  bool running_ = false;
  bool finished_ = false;
  bool head_complete_ = false;
  bool paused_ = false;
};

Connection::Connection(ConnectionTimes times)
    : times_(times), exchange_(std::make_unique<Exchange>()) {}

Connection::~Connection() = default;

absl::StatusOr<HttpResponse> Connection::Send(const HttpRequest& request,
                                              absl::Time deadline) {
  if (request.body != nullptr) RETURN_IF_ERROR(request.body->Seek(0));
  RETURN_IF_ERROR(exchange_->Begin(request, times_.connect));
  absl::Status sent = exchange_->Await(0, times_.stall, deadline);
  if (!sent.ok()) {
    exchange_->End();
    return sent;
  }
  return exchange_->response();
}

absl::StatusOr<std::string> Connection::Read(std::size_t max_bytes,
                                             absl::Time deadline) {
  absl::Status received = exchange_->Await(max_bytes, times_.stall, deadline);
  if (!received.ok()) {
    exchange_->End();
    return received;
  }
  return exchange_->Take(max_bytes);
}

bool Connection::is_idle() const {
  return !exchange_->running() && exchange_->is_empty();
}

}  // namespace pinhole::media::s3
