// The waker that nobody answers.
#include <nara/waker.hpp>

namespace nara::inline NARA_BUILD {

namespace {
void ignore(void*) noexcept {}
}  // namespace

constinit const WakerVTable Waker::kNoop{ignore, ignore, ignore, ignore};

}  // namespace nara::inline NARA_BUILD
