// SPDX-License-Identifier: Apache-2.0
#include "server/response.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <tuple>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "sys/fd.hpp"

namespace larder::server {

namespace {

// Up to here an object is read and leaves with its headers in one segment; above, sendfile is cheaper.
constexpr std::uint64_t k_copy_limit = 8U << 10U;
constexpr std::size_t k_read_block = 64U << 10U;

struct ResponseDeleter {
  void operator()(MHD_Response* response) const { mhd().destroy_response(response); }
};
Response owned(MHD_Response* response) {
  return response == nullptr ? nullptr : Response(response, ResponseDeleter());
}

Response copied(std::string_view body) {
  // The library copies the bytes; its parameter lacks the const.
  return owned(
      mhd().create_response_from_buffer(body.size(), const_cast<char*>(body.data()), MHD_RESPMEM_MUST_COPY));
}

// A part of an object, given to the library from a small file's bytes.
Response from_small_file(int fd, std::uint64_t first, std::size_t count) {
  std::unique_ptr<void, decltype(&std::free)> buffer(std::malloc(count), &std::free);
  auto* data = static_cast<char*>(buffer.get());
  if (data == nullptr) return nullptr;
  for (std::size_t done = 0; done < count;) {
    const auto got = ::pread(fd, data + done, count - done, static_cast<off_t>(first + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return nullptr;
    done += static_cast<std::size_t>(got);
  }
  auto response = owned(mhd().create_response_from_buffer(count, data, MHD_RESPMEM_MUST_FREE));
  if (response) std::ignore = buffer.release();  // the answer frees it
  return response;
}

Response from_large_file(int fd, std::uint64_t first, std::uint64_t count) {
  sys::Fd own(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
  if (!own) return nullptr;
  auto response = owned(mhd().create_response_from_fd_at_offset64(count, own.get(), first));
  if (response) own.release();
  return response;
}

struct BlobReader {
  std::unique_ptr<store::Blob> blob;
  Bytes bytes;
};

ssize_t read_blob(void* context, std::uint64_t position, char* buffer, std::size_t size) {
  const auto rest = static_cast<BlobReader*>(context)->bytes.subspan(position);
  const auto count = std::min(rest.size(), size);
  std::memcpy(buffer, rest.data(), count);
  return static_cast<ssize_t>(count);
}

void free_blob(void* context) {
  delete static_cast<BlobReader*>(context);
}

// Where there is no file behind the object.
Response from_bytes(std::unique_ptr<store::Blob> blob, std::uint64_t first, std::uint64_t count) {
  const auto bytes = blob->bytes();
  if (!bytes || bytes->size() < first + count) return nullptr;
  auto reader = std::make_unique<BlobReader>(BlobReader{std::move(blob), bytes->subspan(first, count)});
  auto response =
      owned(mhd().create_response_from_callback(count, k_read_block, read_blob, reader.get(), free_blob));
  if (response) std::ignore = reader.release();  // the answer frees it
  return response;
}

Response body_of(Answer& answer, std::uint64_t first, std::uint64_t count) {
  if (!answer.blob) return copied(answer.body);
  if (count == 0) return copied("");
  const auto fd = answer.blob->fd();
  if (!fd) return from_bytes(std::move(answer.blob), first, count);
  if (count <= k_copy_limit) return from_small_file(*fd, first, static_cast<std::size_t>(count));
  return from_large_file(*fd, first, count);
}

void add_headers(const Response& response, const Answer& answer) {
  add_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer.content_type);
  add_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, answer.cache_control);
  if (!answer.etag.empty()) add_header(response, MHD_HTTP_HEADER_ETAG, answer.etag);
  if (answer.status == MHD_HTTP_METHOD_NOT_ALLOWED) add_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
  // A name from the URL may stand in a text: no browser is to take it for a page.
  if (answer.content_type == k_text) add_header(response, "X-Content-Type-Options", "nosniff");
}

}  // namespace

void add_header(const Response& response, const char* name, std::string_view value) {
  mhd().add_response_header(response.get(), name, std::string(value).c_str());
}

Part take_part(Answer& answer, const Selection& selection, std::uint64_t size) {
  switch (selection.what) {
    case Selection::What::whole:
      break;
    case Selection::What::part:
      answer.status = MHD_HTTP_PARTIAL_CONTENT;
      return {selection.first, selection.count,
              fmt::format("bytes {}-{}/{}", selection.first, selection.first + selection.count - 1, size)};
    case Selection::What::unchanged:
      answer.status = MHD_HTTP_NOT_MODIFIED;
      answer.blob.reset();
      answer.body.clear();
      return {0, 0, {}};
    case Selection::What::unsatisfiable:
      answer = text_answer(MHD_HTTP_RANGE_NOT_SATISFIABLE, "the range begins after the end");
      return {0, answer.body.size(), fmt::format("bytes */{}", size)};
  }
  return {0, size, {}};
}

Built build(Answer& answer, const Part& part) {
  Built built;
  const bool is_object = answer.blob != nullptr;
  built.from_file = is_object && answer.blob->fd() && part.count > k_copy_limit;
  built.response = body_of(answer, part.first, part.count);
  if (!built.response) return built;
  add_headers(built.response, answer);
  if (is_object) add_header(built.response, MHD_HTTP_HEADER_ACCEPT_RANGES, "bytes");
  if (!part.content_range.empty())
    add_header(built.response, MHD_HTTP_HEADER_CONTENT_RANGE, part.content_range);
  return built;
}

}  // namespace larder::server
