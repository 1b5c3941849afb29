// What a JoinError says.
#include <nara/join_error.hpp>
#include <nara/misuse.hpp>

namespace nara::inline NARA_BUILD {

std::exception_ptr JoinError::into_panic() && {
  if (is_cancelled()) {
    throw Misuse("a cancelled task has thrown nothing: ask is_panic() before into_panic()");
  }
  return std::move(panic_);
}

std::expected<std::exception_ptr, JoinError> JoinError::try_into_panic() && {
  if (is_cancelled()) return std::unexpected(std::move(*this));
  return std::move(panic_);
}

std::string JoinError::message() const {
  std::string text = "task " + std::to_string(id_.number());
  if (is_cancelled()) return text + " was cancelled";
  text += " panicked";
  try {
    std::rethrow_exception(panic_);
  } catch (const std::exception& exception) {
    return text + ": " + exception.what();
  } catch (...) {
    return text;
  }
}

}  // namespace nara::inline NARA_BUILD
