// The end of a handle, in a line of a test.
#pragma once

/// The handle goes.
template <class T>
void destroy(T handle) {
  (void)handle;
}
