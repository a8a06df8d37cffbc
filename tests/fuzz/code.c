/* Any bytes as something typed: whatever is taken is in its clean form, and that form is taken again as itself. */
#include "base/code.h"
#include "base/crypto.h"
#include "base/fen.h"
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    Str typed = { (const char *)data, (int64_t)size }, clean, again;
    Bytes bytes;
    int64_t value, back;
    if (code_read(&a, typed, &clean)) {
        assert(clean.len == CODE_LEN && code_read(&a, clean, &again) && str_equal(clean, again));
        assert(code_read(&a, code_show(&a, clean), &again) && str_equal(clean, again));
    }
    if (number_code_read(&a, typed, &clean)) {
        assert(number_code_read(&a, clean, &again) && str_equal(clean, again));
        Str number = str_slice(clean, 0, clean.len - 1);
        assert(number_check_digit(number) == clean.at[clean.len - 1]);
    }
    if (ean_read(&a, typed, &clean))
        assert(clean.len == EAN_LEN && ean_read(&a, clean, &again) && str_equal(clean, again));
    if (unbase64url(&a, typed, &bytes)) assert(str_equal(base64url(&a, bytes), typed));
    if (arena_unhex(&a, typed, &bytes)) assert(bytes.len * 2 == typed.len);
    if (fen_of_text(typed, &value)) assert(fen_of_text(fen_text(&a, value), &back) && back == value);
    if (str_to_int(typed, &value)) {
        Str text = arena_print(&a, "%lld", (long long)value);
        assert(str_to_int(text, &back) && back == value);
    }
    arena_free(&a);
    return 0;
}
