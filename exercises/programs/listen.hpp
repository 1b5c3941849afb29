// What the programs of several exercises begin with: a place to listen at.
#pragma once

#include <cstdio>
#include <nara/async.hpp>
#include <nara/io/result.hpp>
#include <nara/net/tcp_listener.hpp>
#include <string>

namespace programs {

/// Listens at a port of this machine, and says where that is, behind the words of `says`. When it
/// cannot, it says where, and gives the error, which whoever runs the program prints.
inline nara::Async<nara::io::Result<nara::net::TcpListener>> listen(std::string port,
                                                                    std::string says) {
  const std::string address = "127.0.0.1:" + port;
  nara::io::Result<nara::net::TcpListener> listener =
      co_await nara::net::TcpListener::bind(address);
  if (!listener) {
    std::printf("Nobody can listen at %s:\n", address.c_str());
  } else {
    const std::string where = listener->local_addr().value().to_string();
    std::printf("%s %s, until Ctrl-C.\n", says.c_str(), where.c_str());
  }
  std::fflush(stdout);
  co_return listener;
}

}  // namespace programs
