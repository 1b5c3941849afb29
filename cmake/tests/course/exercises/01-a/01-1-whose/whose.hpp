#pragma once

inline const char* whose() { return "starter"; }
