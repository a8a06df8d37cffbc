/* app - what slices are made of.
 * Owns: audit */
#pragma once
#include "base/str.h"
