// Addresses: values that are read, written and compared.
#include <doctest/doctest.h>
#include <net/if.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <nara/io/text.hpp>
#include <nara/net/ip_addr.hpp>
#include <nara/net/socket_addr.hpp>
#include <nara/sys/socket.hpp>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

using nara::net::IpAddr;
using nara::net::SocketAddr;
using namespace std::string_literals;

namespace {

constexpr std::array<std::uint8_t, 16> kFe80One{0xfe, 0x80, 0, 0, 0, 0, 0, 0,
                                                0,    0,    0, 0, 0, 0, 0, 1};

IpAddr ip(std::string_view text) { return IpAddr::parse(text).value(); }

SocketAddr address(std::string_view text) { return SocketAddr::parse(text).value(); }

/// What the parser says about a text that is none.
std::string refusal(const auto& parsed) {
  REQUIRE_FALSE(parsed.has_value());
  return parsed.error().message();
}

std::string printed(const auto& value) {
  std::ostringstream text;
  text << value;
  return text.str();
}

}  // namespace

TEST_CASE("an address is read, and written in its shortest form") {
  CHECK(ip("127.0.0.1") == IpAddr::v4(127, 0, 0, 1));
  CHECK(ip("::1") == IpAddr::loopback_v6());
  CHECK(ip("fe80::1") == IpAddr::v6(kFe80One));
  for (const char* text : {"0.0.0.0", "255.254.253.252", "::", "::1", "fe80::1", "2001:db8::8:800",
                           "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4"}) {
    CHECK(ip(text).to_string() == text);
    CHECK(printed(ip(text)) == text);
  }
  CHECK(ip("2001:DB8:0:0:0:0:8:800").to_string() == "2001:db8::8:800");
}

TEST_CASE("what is no address is refused with a sentence that says how one is written") {
  for (const std::string& text :
       {""s, "1.2.3"s, "256.0.0.1"s, "1.2.3.4.5"s, " 127.0.0.1"s, "127.0.0.1 "s, "127.0.0.1%lo"s,
        "::1::"s, "12345::"s, "[::1]"s, "localhost"s, "127.0.0.1\0x"s, "::1\0x"s}) {
    CHECK(refusal(IpAddr::parse(text)) ==
          "\"" + text + "\" is not an address: write one like 127.0.0.1 or ::1");
  }
}

TEST_CASE("a link-local address names its interface, by name or number") {
  const unsigned number = ::if_nametoindex("lo");
  REQUIRE(number != 0);
  CHECK(ip("fe80::1%lo") == IpAddr::v6(kFe80One, number));
  CHECK(ip("fe80::1%" + std::to_string(number)) == ip("fe80::1%lo"));
  CHECK(ip("fe80::1%lo").to_string() == "fe80::1%lo");
  CHECK(ip("fe80::1%lo").scope() == number);
  CHECK(ip("fe80::1").scope() == 0);
  CHECK(ip("fe80::1%0") == ip("fe80::1"));
  CHECK(ip("fe80::1%4294967295").to_string() == "fe80::1%4294967295");
  for (const char* text : {"fe80::1%", "fe80::1%none", "fe80::1%4294967296", "fe80::1%-1"}) {
    CHECK(refusal(IpAddr::parse(text)) == "\"" + std::string(text) +
                                              "\" names a network interface that this machine "
                                              "does not have");
  }
  CHECK_FALSE(IpAddr::parse("fe80::1%lo\0x"s).has_value());
}

TEST_CASE("an address and a port are read, and written") {
  CHECK(address("127.0.0.1:80") == SocketAddr(IpAddr::loopback_v4(), 80));
  CHECK(address("[::1]:80") == SocketAddr(IpAddr::loopback_v6(), 80));
  for (const char* text : {"0.0.0.0:0", "1.2.3.4:65535", "[::1]:443", "[fe80::1%lo]:80"}) {
    CHECK(address(text).to_string() == text);
    CHECK(printed(address(text)) == text);
  }
  CHECK(SocketAddr().to_string() == "0.0.0.0:0");
  CHECK(address("[fe80::1%lo]:80").ip() == ip("fe80::1%lo"));
  CHECK(address("[fe80::1%lo]:80").port() == 80);
}

TEST_CASE("a text that is no address and port is refused, and told which part is missing") {
  const auto check = [](std::string_view sentence, const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
      const std::string expected = "\"" + text + "\" " + std::string(sentence);
      CHECK(refusal(SocketAddr::parse(text)) == expected);
    }
  };
  check("has no port: write an address and a port, like 127.0.0.1:80 or [::1]:80",
        {"", "127.0.0.1", "[::1]", "[::1", "localhost", "[::1]80"});
  check("is not an address and a port: write one like 127.0.0.1:80 or [::1]:80",
        {"localhost:80", ":80", "1.2.3.4:80:90", "::1:80", "[127.0.0.1]:80", "[]:80",
         "127.0.0.1\0x:80"s});
  check("has no port from 0 to 65535 at its end",
        {"127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1", "127.0.0.1:80x",
         "127.0.0.1: 80", "[::1]:", "[::1]:x]:80", "[::1]:99999999999", "127.0.0.1:80\0"s});
  CHECK(printed(SocketAddr::parse("x").error()) == refusal(SocketAddr::parse("x")));
}

TEST_CASE("addresses are ordered: IPv4 before IPv6, then by their bytes, and then by port") {
  const std::vector<SocketAddr> ordered{
      address("0.0.0.0:1"),       address("1.2.3.4:1"),     address("1.2.3.4:2"),
      address("255.255.255.0:0"), address("[::]:0"),        address("[::1]:1"),
      address("[fe80::1]:1"),     address("[fe80::1%1]:0"), address("[fe80::1%2]:0")};
  CHECK(std::ranges::is_sorted(ordered));
  CHECK(std::ranges::adjacent_find(ordered) == ordered.end());
  static_assert(IpAddr::any_v4() < IpAddr::any_v6());
  static_assert(IpAddr::any_v4() != IpAddr::any_v6());
  static_assert(SocketAddr(IpAddr::loopback_v4(), 1) == SocketAddr(IpAddr::loopback_v4(), 1));
}

TEST_CASE("an address knows what kind it is") {
  CHECK(ip("1.2.3.4").is_v4());
  CHECK_FALSE(ip("1.2.3.4").is_v6());
  CHECK(ip("::1").is_v6());
  CHECK_FALSE(ip("::1").is_v4());
  CHECK(address("1.2.3.4:1").is_v4());
  CHECK_FALSE(address("1.2.3.4:1").is_v6());
  CHECK(address("[::1]:1").is_v6());
  CHECK_FALSE(address("[::1]:1").is_v4());
  CHECK(std::ranges::equal(ip("1.2.3.4").bytes(), std::array{1, 2, 3, 4}));
  CHECK(std::ranges::equal(ip("fe80::1").bytes(), kFe80One));
}

TEST_CASE("an address knows whether it is this machine, all of them, or many") {
  const auto is = [](bool (IpAddr::*kind)() const noexcept, std::string_view text) {
    return (ip(text).*kind)();
  };
  for (const char* text : {"127.0.0.1", "127.255.255.255", "::1"}) {
    CHECK(is(&IpAddr::is_loopback, text));
  }
  for (const char* text : {"126.0.0.1", "128.0.0.1", "0.0.0.0", "::", "::2", "7f00::1"}) {
    CHECK_FALSE(is(&IpAddr::is_loopback, text));
  }
  for (const char* text : {"0.0.0.0", "::"}) CHECK(is(&IpAddr::is_unspecified, text));
  for (const char* text : {"0.0.0.1", "::1", "1::"}) CHECK_FALSE(is(&IpAddr::is_unspecified, text));
  for (const char* text : {"224.0.0.1", "239.255.255.255", "ff00::", "ff02::1"}) {
    CHECK(is(&IpAddr::is_multicast, text));
  }
  for (const char* text : {"223.255.255.255", "240.0.0.0", "fe80::1", "e000::"}) {
    CHECK_FALSE(is(&IpAddr::is_multicast, text));
  }
  CHECK(IpAddr::loopback_v4() == ip("127.0.0.1"));
  CHECK(IpAddr::any_v4() == ip("0.0.0.0"));
  CHECK(IpAddr::any_v6() == ip("::"));
}

TEST_CASE("the bytes of a text lie where it lies, and so does the text of bytes") {
  const std::string text = "to be";
  const auto bytes = nara::io::as_bytes(text);
  CHECK(bytes.size() == 5);
  CHECK(static_cast<const void*>(bytes.data()) == text.data());
  CHECK(nara::io::as_text(bytes) == text);
  CHECK(nara::io::as_text(bytes).data() == text.data());
}
