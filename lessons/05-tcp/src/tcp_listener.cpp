// Accepting, also when that is hard.
#include <algorithm>
#include <array>
#include <cerrno>
#include <nara/net/tcp_listener.hpp>
#include <nara/net/tcp_socket.hpp>
#include <nara/sys/file.hpp>

namespace nara::inline NARA_BUILD::net {

namespace {

constexpr int kBacklog = 1024;

bool is_one_of(std::error_code error, std::initializer_list<int> codes) {
  return error.category() == std::system_category() &&
         std::ranges::find(codes, error.value()) != codes.end();
}

// [kinds]
/// The connection has failed before it was accepted: not the listener. See accept(2).
bool is_about_the_connection(std::error_code error) {
  return is_one_of(error, {ECONNABORTED, EPROTO, ENOPROTOOPT, ENETDOWN, ENETUNREACH, EHOSTDOWN,
                           EHOSTUNREACH, ENONET, EOPNOTSUPP, EPERM});
}

/// It may succeed as soon as somebody closes a descriptor, or frees memory.
bool is_out_of_resources(std::error_code error) {
  return is_one_of(error, {EMFILE, ENFILE, ENOBUFS, ENOMEM});
}
// [/kinds]

}  // namespace

Accept::Accept(const TcpListener& listener)
    : next_(listener.socket_, io::Interest::kReadable, Try()) {}

// [accept]
Poll<Accept::Output> Accept::poll(Context& context) {
  // BEGIN SOLUTION
  // STARTER: // Given: these two say what an error of accept(2) means.
  // STARTER: (void)is_about_the_connection;
  // STARTER: (void)is_out_of_resources;
  // STARTER: return todo("05-layer: Accept::poll() tries, and knows what an error means");
  while (true) {
    if (pause_ && pause_->poll(context).is_pending()) return kPending;
    pause_.reset();
    auto answer = next_.poll(context);
    if (answer.is_pending()) return kPending;
    if (answer.value()) return welcome(*std::move(answer).value());
    const std::error_code error = answer.value().error();
    if (is_out_of_resources(error)) {
      pause_.emplace(time::sleep(next_pause_));
      next_pause_ = std::min(2 * next_pause_, kLongestPause);
    } else if (!is_about_the_connection(error)) {
      return Output(std::unexpect, error);
    }
  }
  // END SOLUTION
}
// [/accept]

Accept::Output Accept::welcome(sys::AcceptedFd accepted) {
  io::Result<TcpStream> stream = TcpStream::registered(std::move(accepted.socket));
  if (!stream) return Output(std::unexpect, stream.error());
  return Accepted{*std::move(stream), accepted.peer};
}

void Accept::describe(Trace& trace) const {
  next_.describe(trace);
  trace.waits_for = pause_ ? "accept(): no descriptors are left" : "accept(), " + trace.waits_for;
}

Async<io::Result<TcpListener>> TcpListener::bind(ToSocketAddrs where) {
  const auto addresses = co_await lookup_host(std::move(where));
  if (!addresses) co_return std::unexpected(addresses.error());
  io::Result<TcpListener> listener = std::unexpected(make_error_code(Errc::kNoSuchHost));
  for (const SocketAddr address : *addresses) {
    listener = bind_to(address);
    if (listener) break;
  }
  co_return listener;
}

io::Result<TcpListener> TcpListener::bind_to(SocketAddr address) {
  io::Result<TcpSocket> socket = TcpSocket::new_for(address);
  if (!socket) return std::unexpected(socket.error());
  if (const auto set = socket->set_reuseaddr(true); !set) return std::unexpected(set.error());
  if (const auto bound = socket->bind(address); !bound) return std::unexpected(bound.error());
  return std::move(*socket).listen(kBacklog);
}

io::Result<TcpListener> TcpListener::from_fd(OwnedFd socket) {
  if (const auto set = sys::set_nonblocking(socket.fd()); !set) {
    return std::unexpected(set.error());
  }
  return registered(std::move(socket));
}

io::Result<TcpListener> TcpListener::registered(OwnedFd socket) {
  auto added = AsyncFd<OwnedFd>::try_new(std::move(socket));
  if (!added) return std::unexpected(added.error().cause);
  return TcpListener(*std::move(added));
}

Poll<io::Result<Accepted>> TcpListener::poll_accept(Context& context) {
  if (polled_ == nullptr) polled_ = std::make_unique<Accept>(*this);
  Poll<io::Result<Accepted>> answer = polled_->poll(context);
  if (answer.is_ready()) polled_.reset();
  return answer;
}

}  // namespace nara::inline NARA_BUILD::net
