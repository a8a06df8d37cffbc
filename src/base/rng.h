/* rng - 随机数: chance that is handed in. The process has one from the operating system; tests and the simulator have a
 * seeded one (ChaCha20 keystream), so that a run replays byte for byte. */
#pragma once
#include "base/str.h"

typedef struct Rng { bool is_seeded; uint64_t seed, counter; } Rng;

Rng rng_system(void);                              /* CSPRNG; every call asks libsodium's randombytes */
Rng rng_seeded(uint64_t seed);
void rng_bytes(Rng *r, void *ret_at, int64_t len);
int64_t rng_below(Rng *r, int64_t bound);          /* 0 … bound-1, unbiased; bound >= 1 */
bool rng_chance(Rng *r, int64_t part, int64_t whole);
