// The list whose links are in its members.
#include <doctest/doctest.h>

#include <nara/intrusive_list.hpp>
#include <testkit/last_words.hpp>
#include <testkit/steps.hpp>
#include <vector>

using nara::IntrusiveList;
using nara::ListNode;
using nara::test::step;

namespace {

struct Guest : ListNode {
  explicit Guest(int number) : number(number) {}
  int number;
};

std::vector<int> numbers(const IntrusiveList<Guest>& list) {
  std::vector<int> numbers;
  for (const Guest& guest : list) numbers.push_back(guest.number);
  return numbers;
}

}  // namespace

TEST_CASE("who comes first leaves first") {
  IntrusiveList<Guest> list;
  CHECK(list.empty());
  CHECK(list.pop_front() == nullptr);
  Guest one(1);
  Guest two(2);
  list.push_back(one);
  list.push_back(two);
  CHECK(numbers(list) == std::vector{1, 2});
  CHECK(list.pop_front() == &one);
  CHECK_FALSE(one.is_linked());
  CHECK(list.pop_front() == &two);
  CHECK(list.empty());
}

TEST_CASE("a list knows its first and its last, and lets one in before all others") {
  IntrusiveList<Guest> list;
  CHECK(list.front() == nullptr);
  CHECK(list.back() == nullptr);
  Guest one(1);
  Guest two(2);
  Guest three(3);
  list.push_back(two);
  list.push_front(one);
  list.push_back(three);
  CHECK(numbers(list) == std::vector{1, 2, 3});
  CHECK(list.front() == &one);
  CHECK(list.back() == &three);
  while (list.pop_front() != nullptr) {
  }
}

TEST_CASE("a member leaves from wherever it stands, and may come again") {
  IntrusiveList<Guest> list;
  Guest one(1);
  Guest two(2);
  Guest three(3);
  for (Guest* guest : {&one, &two, &three}) list.push_back(*guest);
  two.unlink();
  two.unlink();
  CHECK(numbers(list) == std::vector{1, 3});
  one.unlink();
  three.unlink();
  CHECK(list.empty());
  list.push_back(two);
  CHECK(numbers(list) == std::vector{2});
  two.unlink();
}

TEST_CASE("a list that is appended gives all its members away, in their order") {
  for (int split = 0; split <= 4; ++split) {
    step("append ", 4 - split, " to ", split);
    IntrusiveList<Guest> list;
    IntrusiveList<Guest> other;
    Guest one(1);
    Guest two(2);
    Guest three(3);
    Guest four(4);
    Guest five(5);
    for (Guest* guest : {&one, &two, &three, &four}) {
      (guest->number <= split ? list : other).push_back(*guest);
    }
    list.append(other);
    CHECK(other.empty());
    list.push_back(five);
    CHECK(numbers(list) == std::vector{1, 2, 3, 4, 5});
    step("each member can leave, and both lists can be used");
    two.unlink();
    four.unlink();
    other.push_back(two);
    list.push_back(four);
    CHECK(numbers(other) == std::vector{2});
    CHECK(list.pop_front() == &one);
    CHECK(numbers(list) == std::vector{3, 5, 4});
    for (Guest* guest : {&two, &three, &four, &five}) guest->unlink();
  }
}

TEST_CASE("a list that goes lets its members go") {
  Guest one(1);
  {
    IntrusiveList<Guest> list;
    list.push_back(one);
  }
  CHECK_FALSE(one.is_linked());
}

TEST_CASE("to destroy a member that stands in a list ends the program") {
  const std::string words = nara::test::last_words([] {
    IntrusiveList<Guest> list;
    Guest guest(1);
    list.push_back(guest);
  });
  CHECK(words.find("destroyed while it stood in a list") != words.npos);
}
