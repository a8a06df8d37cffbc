#include "base/rng.h"
#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

Rng rng_system(void) {
    if (sodium_init() < 0) abort();
    return (Rng){ 0 };
}

Rng rng_seeded(uint64_t seed) {
    if (sodium_init() < 0) abort();
    return (Rng){ .is_seeded = true, .seed = seed };
}

/* Seeded: call number n gives the ChaCha20 keystream under key = seed, nonce = n, so that streams never overlap. */
void rng_bytes(Rng *r, void *ret_at, int64_t len) {
    assert(len >= 0);
    if (!r->is_seeded) {
        randombytes_buf(ret_at, (size_t)len);
        return;
    }
    unsigned char key[crypto_stream_chacha20_KEYBYTES] = { 0 }, nonce[crypto_stream_chacha20_NONCEBYTES];
    static_assert(sizeof nonce == sizeof r->counter, "the counter is the nonce");
    memcpy(key, &r->seed, sizeof r->seed);
    memcpy(nonce, &r->counter, sizeof r->counter);
    r->counter++;
    crypto_stream_chacha20(ret_at, (unsigned long long)len, nonce, key);
}

/* Lemire, "Fast Random Integer Generation in an Interval" (2019), algorithm 5: unbiased, nearly never divides. */
int64_t rng_below(Rng *r, int64_t bound) {
    assert(bound >= 1);
    uint64_t range = (uint64_t)bound, x;
    rng_bytes(r, &x, sizeof x);
    unsigned __int128 wide = (unsigned __int128)x * range;
    if ((uint64_t)wide < range) {
        uint64_t least = (0 - range) % range;
        while ((uint64_t)wide < least) {
            rng_bytes(r, &x, sizeof x);
            wide = (unsigned __int128)x * range;
        }
    }
    return (int64_t)(wide >> 64);
}

bool rng_chance(Rng *r, int64_t part, int64_t whole) {
    assert(part >= 0 && part <= whole);
    return rng_below(r, whole) < part;
}
