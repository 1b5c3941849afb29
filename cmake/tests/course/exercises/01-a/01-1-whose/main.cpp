#include <cstdio>
#include <whose.hpp>

int main() { std::puts(whose()); }
