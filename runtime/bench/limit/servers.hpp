// The servers, without a runtime and without coroutines.
#pragma once

namespace limit {

void serve_echo();
void serve_udp();
void serve_udp_batch();
void serve_http();

}  // namespace limit
