#pragma once

inline const char* private_header() { return "lesson's"; }
