#pragma once

inline const char* whose() { return "wrong"; }
