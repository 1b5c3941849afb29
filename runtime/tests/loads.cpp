// Loads a shared library at run time, as a plug-in would be. What a library may keep in
// thread-local variables is little then: see nara/current.hpp.
#include <dlfcn.h>

#include <cstdio>

int main(int count, char** arguments) {
  if (count != 2) {
    std::fprintf(stderr, "Say which library: %s libnara.so\n", arguments[0]);
    return 2;
  }
  if (::dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL) == nullptr) {
    std::fprintf(stderr, "%s\n", ::dlerror());
    return 1;
  }
}
