#include "test/test.h"
#include "base/crypto.h"
#include <string.h>

static Bytes hex(Arena *a, const char *text) {
    Bytes bytes;
    assert_true(arena_unhex(a, str_of(text), &bytes));
    return bytes;
}

TEST_PURE(mac_gives_the_vectors_of_rfc_4231) {
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    unsigned char long_key[131];
    memset(long_key, 0xaa, sizeof long_key);
    const struct { Bytes key; const char *text, *mac; } rows[] = {
        { hex(&a, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"), "Hi There",
          "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
        { { (const unsigned char *)"Jefe", 4 }, "what do ya want for nothing?",
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
        { { long_key, sizeof long_key }, "Test Using Larger Than Block-Size Key - Hash Key First",
          "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
        { { long_key, sizeof long_key },
          "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be "
          "hashed before being used by the HMAC algorithm.",
          "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        MacKey key;
        unsigned char out[MAC_LEN];
        mac_key(rows[i].key.at, rows[i].key.len, &key);
        for (int twice = 0; twice < 2; twice++) { /* a key is not used up */
            mac(&key, rows[i].text, (int64_t)strlen(rows[i].text), out);
            assert_true(str_is(arena_hex(&a, (Bytes){ out, MAC_LEN }), rows[i].mac));
        }
    }
    arena_free(&a);
}

TEST_PURE(sha256_gives_the_vectors_of_fips_180) {
    Arena a;
    unsigned char out[HASH_LEN];
    arena_init(&a, ARENA_BUDGET);
    sha256("abc", 3, out);
    assert_true(str_is(arena_hex(&a, (Bytes){ out, HASH_LEN }),
                       "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    sha256("", 0, out);
    assert_true(str_is(arena_hex(&a, (Bytes){ out, HASH_LEN }),
                       "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    arena_free(&a);
}

TEST_PURE(totp_gives_the_vectors_of_rfc_6238_with_one_step_of_skew) {
    const Bytes secret = { (const unsigned char *)"12345678901234567890", 20 };
    const struct { int64_t second; const char *code; } rows[] = {
        { 59, "287082" }, { 1111111109, "081804" }, { 1111111111, "050471" },
        { 1234567890, "005924" }, { 2000000000, "279037" }, { 20000000000, "353130" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t step = 0, now = rows[i].second * 1000;
        Str code = str_of(rows[i].code);
        assert_true(totp_matches(secret, now, code, &step));
        assert_int_equal(step, rows[i].second / 30);
        assert_true(totp_matches(secret, now + 30000, code, &step) && totp_matches(secret, now - 29000, code, &step));
        assert_int_equal(step, rows[i].second / 30);
        assert_false(totp_matches(secret, now + 90000, code, &step) || totp_matches(secret, now - 90000, code, &step));
        assert_false(totp_matches(secret, now, str_slice(code, 0, 5), &step));
    }
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    assert_true(str_is(totp_secret_base32(&a, secret), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"));
    arena_free(&a);
}

TEST_PURE(base32_and_base64url_give_the_vectors_of_rfc_4648) {
    const struct { const char *plain, *base32, *base64url; } rows[] = {
        { "", "", "" }, { "f", "MY", "Zg" }, { "fo", "MZXQ", "Zm8" }, { "foo", "MZXW6", "Zm9v" },
        { "foob", "MZXW6YQ", "Zm9vYg" }, { "fooba", "MZXW6YTB", "Zm9vYmE" }, { "foobar", "MZXW6YTBOI", "Zm9vYmFy" },
    };
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Bytes plain = { (const unsigned char *)rows[i].plain, (int64_t)strlen(rows[i].plain) }, back;
        assert_true(str_is(totp_secret_base32(&a, plain), rows[i].base32));
        assert_true(str_is(base64url(&a, plain), rows[i].base64url));
        assert_true(unbase64url(&a, str_of(rows[i].base64url), &back) && bytes_equal(plain, back));
    }
    Bytes back;
    const char *const bad[] = { "Z", "Zg==", "Zh", "Zm9", "Zm+v", "Zm/v", "Zm 9v", "Zm9v\n", "Zm9vY" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(unbase64url(&a, str_of(bad[i]), &back));
    Rng r = rng_seeded(5);
    for (int64_t len = 0; len < 100; len++) {
        unsigned char chance[100];
        rng_bytes(&r, chance, sizeof chance);
        assert_true(unbase64url(&a, base64url(&a, (Bytes){ chance, len }), &back) &&
                    bytes_equal(back, (Bytes){ chance, len }));
    }
    arena_free(&a);
}

TEST_PURE(sealed_texts_open_only_whole_with_their_key_and_in_their_place) {
    Arena a;
    Rng r = rng_seeded(6);
    Keys keys, others;
    Str plain;
    arena_init(&a, ARENA_BUDGET);
    keys_derive((const unsigned char[KEY_LEN]){ 1 }, &keys);
    keys_derive((const unsigned char[KEY_LEN]){ 2 }, &others);
    Bytes sealed = seal(&a, &r, keys.seal, S("13800000001"), S("identity/1/2"));
    assert_true(unseal(&a, keys.seal, sealed, S("identity/1/2"), &plain) && str_is(plain, "13800000001"));
    assert_false(unseal(&a, others.seal, sealed, S("identity/1/2"), &plain));
    assert_false(unseal(&a, keys.seal, sealed, S("identity/1/3"), &plain));
    assert_false(unseal(&a, keys.seal, (Bytes){ sealed.at, sealed.len - 1 }, S("identity/1/2"), &plain));
    assert_false(unseal(&a, keys.seal, (Bytes){ 0 }, S("identity/1/2"), &plain));
    for (int64_t i = 0; i < sealed.len; i++) {
        unsigned char *wrong = NEW_LIST(&a, unsigned char, sealed.len);
        memcpy(wrong, sealed.at, (size_t)sealed.len);
        wrong[i] ^= 1;
        assert_false(unseal(&a, keys.seal, (Bytes){ wrong, sealed.len }, S("identity/1/2"), &plain));
    }
    Bytes again = seal(&a, &r, keys.seal, S("13800000001"), S("identity/1/2"));
    assert_false(bytes_equal(sealed, again)); /* a new nonce each time */
    sealed = seal(&a, &r, keys.seal, (Str){ 0 }, (Str){ 0 });
    assert_true(unseal(&a, keys.seal, sealed, (Str){ 0 }, &plain) && plain.len == 0);
    arena_free(&a);
}

TEST_PURE(keys_come_from_the_master_key_and_all_differ) {
    Keys keys, same;
    unsigned char signature[SIGN_LEN];
    keys_derive((const unsigned char[KEY_LEN]){ 9 }, &keys);
    keys_derive((const unsigned char[KEY_LEN]){ 9 }, &same);
    assert_memory_equal(&keys, &same, sizeof keys);
    assert_memory_not_equal(keys.lookup.state, keys.chain.state, sizeof keys.chain.state);
    assert_memory_not_equal(keys.chain.state, keys.cursor.state, sizeof keys.chain.state);
    sign(&keys, "allowance", 9, signature);
    assert_true(sign_matches(keys.sign_public, "allowance", 9, signature));
    assert_false(sign_matches(keys.sign_public, "allowancf", 9, signature));
    signature[0] ^= 1;
    assert_false(sign_matches(keys.sign_public, "allowance", 9, signature));
}

TEST_PURE(passwords_match_only_themselves) {
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    Str cheap = password_hash(&a, S("老客 secret"), true), slow = password_hash(&a, S("x"), false);
    assert_true(str_starts(slow, S("$argon2id$v=19$m=19456,t=2,p=1$")));
    assert_true(password_matches(cheap, S("老客 secret")) && password_matches(slow, S("x")));
    assert_false(password_matches(cheap, S("老客 Secret")) || password_matches(cheap, S("")));
    assert_false(password_matches(S(""), S("x")) || password_matches(S("$argon2id$nonsense"), S("x")));
    arena_free(&a);
}

TEST_PURE(tokens_have_192_bits_and_their_prefix) {
    Arena a;
    Rng r = rng_system();
    arena_init(&a, ARENA_BUDGET);
    Str one = token_new(&a, &r, "lk_"), two = token_new(&a, &r, "lk_");
    Bytes bytes;
    assert_true(one.len == 35 && str_starts(one, S("lk_")) && !str_equal(one, two));
    assert_true(unbase64url(&a, str_slice(one, 3, one.len), &bytes) && bytes.len == TOKEN_BYTES);
    arena_free(&a);
}
