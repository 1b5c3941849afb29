// Tokens that are cancelled together, because one is the child of another.
#include <doctest/doctest.h>

#include <nara/sync/cancellation_token.hpp>
#include <optional>
#include <testkit/by_hand.hpp>
#include <testkit/random.hpp>
#include <testkit/steps.hpp>
#include <utility>
#include <vector>

#include "destroy.hpp"

using nara::sync::CancellationToken;
using nara::test::below;
using nara::test::by_hand;
using nara::test::Random;
using nara::test::step;

TEST_CASE("when a token is cancelled, all below it are, and nobody else") {
  const CancellationToken root;
  const CancellationToken parent = root.child_token();
  const CancellationToken sibling = root.child_token();
  const CancellationToken child = parent.child_token();
  const CancellationToken grandchild = child.child_token();
  auto wait = by_hand(grandchild.cancelled());
  auto wait_sibling = by_hand(sibling.cancelled());
  auto wait_root = by_hand(root.cancelled());
  CHECK(wait.poll().is_pending());
  CHECK(wait_sibling.poll().is_pending());
  CHECK(wait_root.poll().is_pending());
  parent.cancel();
  CHECK(parent.is_cancelled());
  CHECK(child.is_cancelled());
  CHECK(grandchild.is_cancelled());
  CHECK(wait.is_woken());
  CHECK_FALSE(root.is_cancelled());
  CHECK_FALSE(sibling.is_cancelled());
  CHECK_FALSE(wait_sibling.is_woken());
  CHECK_FALSE(wait_root.is_woken());
  step("and then the rest");
  root.cancel();
  CHECK(sibling.is_cancelled());
  CHECK(wait_sibling.is_woken());
  CHECK(wait.wakes() == 1);
}

TEST_CASE("a child of a token that is cancelled is born cancelled") {
  const CancellationToken parent;
  parent.cancel();
  const CancellationToken child = parent.child_token();
  CHECK(child.is_cancelled());
  CHECK(by_hand(child.cancelled()).poll().is_ready());
  CHECK(child.child_token().is_cancelled());
}

TEST_CASE("when a token in the middle goes, those below it stay connected with those above it") {
  const CancellationToken grandparent;
  std::optional<CancellationToken> parent = grandparent.child_token();
  const CancellationToken first = parent->child_token();
  const CancellationToken second = parent->child_token();
  auto wait = by_hand(first.cancelled());
  CHECK(wait.poll().is_pending());
  parent.reset();
  CHECK_FALSE(first.is_cancelled());
  grandparent.cancel();
  CHECK(first.is_cancelled());
  CHECK(second.is_cancelled());
  CHECK(wait.is_woken());
}

TEST_CASE("when the token above all others goes, each of these is on its own") {
  std::optional<CancellationToken> root = CancellationToken();
  const CancellationToken first = root->child_token();
  const CancellationToken second = root->child_token();
  const CancellationToken child = first.child_token();
  root.reset();
  first.cancel();
  CHECK(child.is_cancelled());
  CHECK_FALSE(second.is_cancelled());
  second.cancel();
  CHECK(second.is_cancelled());
}

TEST_CASE("a token that has clones stays where it is until the last of them goes") {
  const CancellationToken root;
  CancellationToken parent = root.child_token();
  CancellationToken clone = parent.clone();
  const CancellationToken child = parent.child_token();
  destroy(std::move(parent));
  CHECK_FALSE(child.is_cancelled());
  clone.cancel();
  CHECK(child.is_cancelled());
  CHECK_FALSE(root.is_cancelled());
}

TEST_CASE("a chain of a hundred thousand tokens can be cancelled, and destroyed in any order" *
          doctest::timeout(60)) {
  constexpr int kDepth = 100'000;
  const auto make = [] {
    std::vector<CancellationToken> chain(1);
    chain.reserve(kDepth);
    while (chain.size() < kDepth) chain.push_back(chain.back().child_token());
    return chain;
  };
  step("cancel it from above");
  {
    const std::vector<CancellationToken> chain = make();
    auto wait = by_hand(chain.back().cancelled());
    CHECK(wait.poll().is_pending());
    chain.front().cancel();
    CHECK(wait.is_woken());
  }
  step("destroy all but the ends, the lowest first, and cancel it then");
  {
    std::vector<CancellationToken> chain = make();
    const CancellationToken last = std::move(chain.back());
    while (chain.size() > 1) chain.pop_back();
    chain.front().cancel();
    CHECK(last.is_cancelled());
  }
  step("destroy it from above");
  {
    std::vector<CancellationToken> chain = make();
    for (CancellationToken& token : chain) destroy(std::move(token));
  }
  step("only one is left at each time");
  CancellationToken token;
  for (int depth = 0; depth < 1000; ++depth) token = token.child_token();
  CHECK_FALSE(token.is_cancelled());
}

TEST_CASE("tokens that come, are cancelled and go in any order are as a simple model says") {
  /// What the model knows of a token: who is above it, and whether it is cancelled.
  struct Model {
    std::optional<CancellationToken> token;
    int parent;
    bool is_cancelled;
  };
  nara::test::for_each_seed(30, [](unsigned seed) {
    Random random(seed);
    std::vector<Model> all;
    all.push_back({CancellationToken(), -1, false});
    // Whether cancelling `above` reaches `index`. Those that are gone still connect.
    const auto is_below = [&](int index, int above) {
      while (index != -1 && index != above) index = all[static_cast<std::size_t>(index)].parent;
      return index == above;
    };
    for (int act = 0; act < 150; ++act) {
      const int index = below(random, static_cast<int>(all.size()));
      Model& chosen = all[static_cast<std::size_t>(index)];
      if (!chosen.token) continue;
      const int what = below(random, 20);
      if (what == 0) {
        chosen.token->cancel();
        for (int other = 0; other < static_cast<int>(all.size()); ++other) {
          if (is_below(other, index)) all[static_cast<std::size_t>(other)].is_cancelled = true;
        }
      } else if (what < 5) {
        chosen.token.reset();
      } else {
        const bool is_cancelled = chosen.is_cancelled;
        all.push_back({chosen.token->child_token(), index, is_cancelled});
      }
      for (const Model& model : all) {
        if (model.token) CHECK(model.token->is_cancelled() == model.is_cancelled);
      }
    }
  });
}
