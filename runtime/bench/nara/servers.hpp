// The servers, as programs of ours are.
#pragma once

namespace bench {

void serve_echo();
void serve_http();
void serve_udp();
void serve_udp_batch();

}  // namespace bench
