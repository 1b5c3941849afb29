// The servers, as programs of ours are.
#pragma once

namespace bench {

void serve_echo();
void serve_http();

}  // namespace bench
