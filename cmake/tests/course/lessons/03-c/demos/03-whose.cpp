// Prints whose file was used, place by place.
#include <cstdio>
#include <nara/a.hpp>
#include <nara/b.hpp>
#include <nara/c.hpp>

int main() {
  std::printf("a.hpp: %s\n", nara::a_header());
  std::printf("a.cpp: %s\n", nara::a_source());
  std::printf("twin.hpp: %s\n", nara::twin_header());
  std::printf("twin.cpp: %s\n", nara::twin_source());
  std::printf("c.cpp: %s\n", nara::c_source());
  std::printf("a.hpp in twin.cpp: %s\n", nara::a_header_in_twin_source());
  std::printf("a.hpp in b.cpp: %s\n", nara::a_header_in_b_source());
  std::printf("a.cpp by c.cpp: %s\n", nara::a_source_by_c_source());
  std::printf("private.hpp in a.cpp: %s\n", nara::private_header_in_a_source());
  std::printf("private.hpp in twin.cpp: %s\n", nara::private_header_in_twin_source());
}
