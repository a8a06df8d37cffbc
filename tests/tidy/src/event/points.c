#include "base/str.h"
const EventType points_earned = { "points.earned", 0 };
const EventType points_spent = { "points.spent", 0 };
