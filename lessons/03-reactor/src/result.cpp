// The library's own errors, as the standard library wants them.
#include <cerrno>
#include <nara/io/result.hpp>
#include <string>

namespace nara::inline NARA_BUILD::io {

namespace {

class Category final : public std::error_category {
 public:
  const char* name() const noexcept override { return "nara"; }

  std::string message(int code) const override {
    switch (Errc(code)) {
      case Errc::kShutdown:
        return "the runtime of this descriptor is gone: use it while its runtime lives";
      case Errc::kUnexpectedEof:
        return "the stream has ended too early";
      case Errc::kWriteZero:
        return "the stream takes no more bytes";
    }
    return "unknown error";
  }
};

}  // namespace

std::error_code make_error_code(Errc error) noexcept {
  static const Category category;
  return {static_cast<int>(error), category};
}

bool is_would_block(const std::error_code& error) noexcept {
  return error.value() == EAGAIN && error.category() == std::system_category();
}

bool is_shutdown(const std::error_code& error) noexcept { return error == Errc::kShutdown; }

}  // namespace nara::inline NARA_BUILD::io
