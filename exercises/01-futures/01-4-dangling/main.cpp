// A short evening in the room, as the second of two guests hears it.
#include <cstdio>
#include <room.hpp>

int main() {
  const std::string grace = "Rear Admiral Grace Hopper";
  Room room;
  room.admit(std::make_unique<Guest>("Ada, Countess of Lovelace", "Has anyone seen my engine?"));

  const nara::Waker waker = nara::Waker::noop();
  std::size_t heard = 0;
  for (int turn = 1; turn <= 6; ++turn) {
    std::printf("turn %d\n", turn);
    if (turn == 2) {
      std::printf("  Grace comes in\n");
      room.admit(std::make_unique<Guest>(grace, "I have found a bug in mine."));
    }
    nara::Context context(waker);
    room.turn(context);
    while (room.has(grace) && heard < room.inbox(grace).size()) {
      std::printf("  Grace hears: %s\n", room.inbox(grace)[heard++].c_str());
    }
  }
}
