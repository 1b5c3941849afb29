// Three things that are wrong with the toy, and the same with a semaphore of the layer: it counts
// the dishes.
#include <cstddef>
#include <cstdio>
#include <nara/sync/semaphore.hpp>

#include "polled.hpp"
#include "toy_counter.hpp"

namespace {

const char* yes_or_no(bool is_so) { return is_so ? "yes" : "no"; }

// [gone]
/// Two wait. A dish comes, the first is woken, and goes home.
void goes_away() {
  ToyCounter counter;
  Polled first(counter.take());
  Polled second(counter.take());
  (void)first.poll();
  (void)second.poll();
  counter.put("soup");
  first.go_away();
  std::printf("the one who was woken goes away\n");
  std::printf("  a dish is there: %s, the next one is woken: %s\n",
              yes_or_no(counter.dishes() == 1), yes_or_no(second.is_woken()));
}
// [/gone]

void goes_away_in_the_layer() {
  nara::sync::Semaphore dishes(0);
  Polled first(dishes.acquire());
  Polled second(dishes.acquire());
  (void)first.poll();
  (void)second.poll();
  dishes.add_permits(1);
  first.go_away();
  std::printf("  in the layer, the next one is woken: %s\n", yes_or_no(second.is_woken()));
}

// [overtakes]
/// One waits. Each time a dish comes, somebody who has just come in takes it.
void overtakes() {
  ToyCounter counter;
  Polled patient(counter.take());
  int of_patient = 0;
  int of_others = 0;
  for (int i = 0; i < 1000; ++i) {
    if (patient.poll()) ++of_patient;
    counter.put("soup");
    Polled quick(counter.take());
    if (quick.poll()) ++of_others;
  }
  std::printf("somebody is always quicker\n  %d to %d\n", of_patient, of_others);
}
// [/overtakes]

void overtakes_in_the_layer() {
  nara::sync::Semaphore dishes(0);
  Polled patient(dishes.acquire());
  (void)patient.poll();
  dishes.add_permits(1);
  Polled quick(dishes.acquire());
  const bool has_overtaken = quick.poll();
  std::printf("  in the layer: %d to %d\n", patient.poll() ? 1 : 0, has_overtaken ? 1 : 0);
}

/// One who is polled again and again, for other reasons: in a select, for instance.
void grows() {
  ToyCounter counter;
  Polled one(counter.take());
  for (int i = 0; i < 1000; ++i) (void)one.poll();
  one.go_away();
  std::printf("one who was polled often, and has gone\n  is in the list %zu times\n",
              counter.wakers());
}

}  // namespace

int main() {
  goes_away();
  goes_away_in_the_layer();
  overtakes();
  overtakes_in_the_layer();
  grows();
}
