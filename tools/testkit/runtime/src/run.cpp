// The bodies of tests, as tasks of each flavour of runtime.
#include <testkit/runtime.hpp>
#include <utility>

namespace nara::test {

void on_every_block_on(const std::function<void(const BlockOn&)>& test,
                       std::source_location where) {
  on_every_runtime([&](auto& runtime) {
    test([&](Async<> body) { runtime.block_on(std::move(body), where); });
  });
}

}  // namespace nara::test
