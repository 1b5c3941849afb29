// From names to addresses, and all the ways to say where.
#include <netdb.h>

#include <algorithm>
#include <cerrno>
#include <nara/net/lookup.hpp>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "faults.hpp"
#include "net.hpp"

using nara::net::Errc;
using nara::net::lookup_host;
using nara::net::ToSocketAddrs;
using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

using Addresses = Result<std::vector<SocketAddr>>;

SocketAddr address(std::string_view text) { return SocketAddr::parse(text).value(); }

/// What is found without another thread.
Addresses known(ToSocketAddrs where) {
  auto lookup = by_hand(lookup_host(std::move(where)));
  auto answer = lookup.poll();
  REQUIRE(answer.is_ready());
  return std::move(answer).value();
}

/// What the system finds.
Addresses found(ToSocketAddrs where) { return nara::block_on(lookup_host(std::move(where))); }

}  // namespace

TEST_CASE("an address may be given in every form, and is given back without asking anybody") {
  const Names nobody(EAI_NONAME);
  for (const char* text : {"127.0.0.1:80", "[::1]:80"}) {
    const Addresses expected = std::vector{address(text)};
    CHECK(known(address(text)) == expected);
    CHECK(known(text) == expected);
    CHECK(known(std::string(text)) == expected);
    CHECK(known(std::string_view(text)) == expected);
    CHECK(known({address(text).ip().to_string(), 80}) == expected);
  }
  const std::vector several{address("1.2.3.4:5"), address("[::1]:6")};
  CHECK(known(several) == several);
}

TEST_CASE("a host may be given as a text or beside its port, and all its addresses are found") {
  const Names names{{"two.test", {"127.0.0.2", "::1", "127.0.0.1"}}};
  const Addresses expected =
      std::vector{address("127.0.0.2:80"), address("[::1]:80"), address("127.0.0.1:80")};
  CHECK(found("two.test:80") == expected);
  CHECK(found("two.test:80"s) == expected);
  CHECK(found({"two.test", 80}) == expected);
}

TEST_CASE("a text that is no host and port is refused, and nobody is asked") {
  const Names names{{"a.test", {"127.0.0.1"}}, {"", {"127.0.0.1"}}, {":", {"127.0.0.1"}}};
  for (const std::string& text : {""s, "a.test"s, "127.0.0.1"s, "::1"s, "[::1]"s, ":80"s, "::80"s,
                                  "a.test:"s, "a.test:65536"s, "a.test:-1"s, "a.test:80:80"s,
                                  "a.test:http"s, "::1:80"s, "a.test\0x:80"s}) {
    step("look up \"", text, "\"");
    CHECK(error_of(known(text)) == Errc::kMalformedAddress);
  }
  CHECK(error_of(known({"a.test\0x"sv, 80})) == Errc::kMalformedAddress);
}

TEST_CASE("no address at all is no host") {
  CHECK(error_of(known(std::vector<SocketAddr>())) == Errc::kNoSuchHost);
}

TEST_CASE("what the system cannot find out is an error that says what to do") {
  const auto error = [](int answer, int number = 0) {
    const Names names(answer, number);
    return error_of(found("a.test:80"));
  };
  CHECK(error(EAI_NONAME) == Errc::kNoSuchHost);
  CHECK(error(EAI_NODATA) == Errc::kNoSuchHost);
  CHECK(error(EAI_AGAIN) == Errc::kTryAgain);
  CHECK(error(EAI_FAIL) == Errc::kLookupFailed);
  CHECK(error(EAI_MEMORY) == Errc::kLookupFailed);
  CHECK(error(EAI_SYSTEM, EMFILE) == std::errc::too_many_files_open);
}

TEST_CASE("the errors of addresses have a name and sentences") {
  const auto message = [](Errc error) { return make_error_code(error).message(); };
  CHECK(std::error_code(Errc::kNoSuchHost).category().name() == "nara.net"sv);
  CHECK(message(Errc::kMalformedAddress) ==
        "this is no host and port: write them like localhost:80, 127.0.0.1:80 or [::1]:80");
  CHECK(message(Errc::kNoSuchHost) == "nobody knows a host of this name: check how it is written");
  CHECK(message(Errc::kTryAgain) ==
        "the name server does not answer: check the network, and try again");
  CHECK(message(Errc::kLookupFailed) == "the name server cannot help");
  CHECK(make_error_code(Errc(99)).message() == "unknown error");
}

TEST_CASE("localhost is this machine, and each of its addresses comes once") {
  const Addresses addresses = found("localhost:80");
  REQUIRE(addresses.has_value());
  CHECK_FALSE(addresses->empty());
  for (const SocketAddr& each : *addresses) {
    CHECK(each.ip().is_loopback());
    CHECK(each.port() == 80);
  }
  CHECK(std::set(addresses->begin(), addresses->end()).size() == addresses->size());
}

TEST_CASE("while another thread asks for a name, the tasks go on") {
  Names names{{"slow.test", {"127.0.0.1"}}};
  names.hold();
  nara::CurrentThread executor;
  auto lookup = executor.spawn(lookup_host("slow.test:80"));
  executor.block_on(nara::test::let_run(10));
  CHECK_FALSE(lookup.is_finished());
  names.answer();
  CHECK(executor.block_on(std::move(lookup)).value() == std::vector{address("127.0.0.1:80")});
}

TEST_CASE("a lookup may be given up at any point, and the next one works") {
  Names names{{"slow.test", {"127.0.0.1"}}};
  names.hold();
  {
    auto lookup = by_hand(lookup_host("slow.test:80"));
    step("before its first poll");
  }
  {
    auto lookup = by_hand(lookup_host("slow.test:80"));
    CHECK(lookup.poll().is_pending());
    step("while the other thread asks");
    while (names.waiting() == 0) std::this_thread::yield();
    lookup.cancel();
    names.answer();
    step("the other thread goes on, and what it finds is thrown away");
    while (lookup.wakers_out() > 0) std::this_thread::yield();
  }
  CHECK(found("slow.test:80") == std::vector{address("127.0.0.1:80")});
}
