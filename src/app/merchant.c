#include "app/merchant.h"
#include <stdlib.h>
#include <string.h>
#include "app/app_state.h"

enum { CODE_MAX = 32 };

static const Field merchant_field[] = {
    FIELD_ID(Merchant, merchant_id), FIELD(Merchant, code), FIELD(Merchant, name),       FIELD(Merchant, zone),
    FIELD(Merchant, currency),       FIELD(Merchant, lang), FIELD(Merchant, created_at),
};
const Fields merchant_fields = FIELDS(Merchant, merchant_field);

static const Field merchant_make_field[] = {
    FIELD(MerchantMake, code, .need = true, .max = CODE_MAX, .about = "lower case letters, digits and -"),
    FIELD(MerchantMake, name, .need = true, .max = 100),
    FIELD(MerchantMake, zone, .max = 64, .about = "IANA time zone; empty = Asia/Shanghai"),
    FIELD(MerchantMake, currency, .max = 3, .about = "ISO 4217; empty = CNY"),
    FIELD(MerchantMake, lang, .max = 2, .about = "zh or en; empty = zh"),
};
const Fields merchant_make_fields = FIELDS(MerchantMake, merchant_make_field);

/* Rows never change, so what was read once stays true; only committed ones are kept. */
typedef struct MerchantCache MerchantCache;
struct MerchantCache {
    pthread_mutex_t lock;
    Arena arena;
    Merchant *items; /* ascending merchant_id */
    int64_t count, room;
    _Atomic int64_t first_id;
};

Err merchant_start(App *app, [[maybe_unused]] Arena *a) {
    MerchantCache *cache = calloc(1, sizeof *cache);
    if (cache == NULL) return E_BUSY;
    pthread_mutex_init(&cache->lock, NULL);
    arena_init(&cache->arena, ARENA_BUDGET);
    app->state->merchants = cache;
    return OK;
}

void merchant_stop(App *app) {
    MerchantCache *cache = app->state->merchants;
    if (cache == NULL) return;
    arena_free(&cache->arena);
    free(cache->items);
    pthread_mutex_destroy(&cache->lock);
    free(cache);
    app->state->merchants = NULL;
}

static Merchant copy_into(Arena *a, const Merchant *m) {
    return (Merchant){ m->merchant_id,        arena_str(a, m->code),     arena_str(a, m->name),
                       arena_str(a, m->zone), arena_str(a, m->currency), arena_str(a, m->lang),
                       m->created_at };
}

static int64_t place_of(const MerchantCache *cache, int64_t merchant_id) {
    int64_t low = 0, high = cache->count;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (cache->items[middle].merchant_id < merchant_id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool cache_get(Ctx *c, int64_t merchant_id, Merchant *ret_merchant) {
    MerchantCache *cache = c->app->state->merchants;
    pthread_mutex_lock(&cache->lock);
    int64_t place = place_of(cache, merchant_id);
    bool is_known = place < cache->count && cache->items[place].merchant_id == merchant_id;
    if (is_known) *ret_merchant = copy_into(c->arena, &cache->items[place]);
    pthread_mutex_unlock(&cache->lock);
    return is_known;
}

static void cache_put(App *app, const Merchant *merchant) {
    MerchantCache *cache = app->state->merchants;
    pthread_mutex_lock(&cache->lock);
    int64_t place = place_of(cache, merchant->merchant_id);
    bool is_known = place < cache->count && cache->items[place].merchant_id == merchant->merchant_id;
    if (!is_known) {
        if (cache->count == cache->room) {
            cache->room = cache->room == 0 ? 16 : cache->room * 2;
            cache->items = realloc(cache->items, (size_t)cache->room * sizeof *cache->items);
            if (cache->items == NULL) abort();
        }
        memmove(cache->items + place + 1, cache->items + place, (size_t)(cache->count - place) * sizeof *cache->items);
        cache->items[place] = copy_into(&cache->arena, merchant);
        cache->count++;
    }
    pthread_mutex_unlock(&cache->lock);
}

static Err unknown(Ctx *c) {
    return fail(c, E_NOT_FOUND, "merchant.unknown", "没有这个商户", "there is no such merchant");
}

typedef struct MerchantFind {
    int64_t merchant_id;
    Str code;
    Merchant found;
    bool is_found;
} MerchantFind;

static Err find_run(Ctx *c, void *arg) {
    MerchantFind *find = arg;
    if (find->merchant_id != 0) {
        return db_system_find(c,
                              "SELECT merchant_id, code, name, zone, currency, lang, created_at FROM merchant "
                              "WHERE merchant_id = $1",
                              ARGS(find->merchant_id), &merchant_fields, &find->found, &find->is_found);
    }
    return db_system_find(
        c, "SELECT merchant_id, code, name, zone, currency, lang, created_at FROM merchant WHERE code = $1",
        ARGS(find->code), &merchant_fields, &find->found, &find->is_found);
}

Err merchant_get(Ctx *c, Merchant *ret_merchant) {
    if (cache_get(c, c->merchant_id, ret_merchant)) return OK;
    MerchantFind find = { .merchant_id = c->merchant_id };
    if (c->merchant_id != 0) TRY(app_read(c, find_run, &find));
    if (!find.is_found) return unknown(c);
    if (!db_in_unit(c)) cache_put(c->app, &find.found);
    *ret_merchant = find.found;
    return OK;
}

Err merchant_by_code(Ctx *c, Str code, Merchant *ret_merchant) {
    MerchantFind find = { .code = code };
    if (code.len > 0) TRY(app_read(c, find_run, &find));
    if (!find.is_found) return unknown(c);
    *ret_merchant = find.found;
    return OK;
}

static Err list_run(Ctx *c, void *arg) {
    return db_system_rows(
        c, "SELECT merchant_id, code, name, zone, currency, lang, created_at FROM merchant ORDER BY merchant_id",
        NO_ARGS, &merchant_fields, MERCHANTS_MAX, arg);
}

Err merchant_list(Ctx *c, Merchants *ret_list) { return app_read(c, list_run, ret_list); }

typedef struct FirstRow {
    int64_t merchant_id;
} FirstRow;
static const Field first_row_field[] = { FIELD_ID(FirstRow, merchant_id) };
static const Fields first_row_fields = FIELDS(FirstRow, first_row_field);

static Err first_run(Ctx *c, void *arg) {
    FirstRow row = { 0 };
    bool is_found = false;
    TRY(db_system_find(c, "SELECT merchant_id FROM merchant ORDER BY merchant_id LIMIT 1", NO_ARGS, &first_row_fields,
                       &row, &is_found));
    *(int64_t *)arg = row.merchant_id;
    return OK;
}

Err merchant_first(Ctx *c, int64_t *ret_merchant_id) {
    _Atomic int64_t *known = &c->app->state->merchants->first_id;
    int64_t id = *known;
    if (id == 0) {
        TRY(app_read(c, first_run, &id));
        if (!db_in_unit(c)) *known = id;
    }
    *ret_merchant_id = id;
    return OK;
}

/* ---- a new one ---- */

static bool is_code(Str code) {
    for (int64_t i = 0; i < code.len; i++) {
        char ch = code.at[i];
        if (!((ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || ch == '-')) return false;
    }
    return code.len > 0 && code.len <= CODE_MAX;
}

static Err create_run(Ctx *c, void *arg) {
    const Merchant *m = arg;
    int64_t changed = 0;
    TRY(db_system_change(c,
                         "INSERT INTO merchant (merchant_id, code, name, zone, currency, lang, created_at) "
                         "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
                         ARGS(m->merchant_id, m->code, m->name, m->zone, m->currency, m->lang, m->created_at),
                         &changed));
    if (changed == 0)
        return fail(c, E_CONFLICT, "merchant.code_taken", "商户代码 %.*s 已被使用", "the merchant code %.*s is taken",
                    (int)m->code.len, m->code.at);
    for (int64_t i = 0; i < slice_all_count(); i++) {
        if (slice_all(i)->install != NULL) TRY(slice_all(i)->install(c));
    }
    return OK;
}

Err merchant_create(Ctx *c, const MerchantMake *make, Merchant *ret_merchant) {
    Zone zone;
    TRY(fields_check(c, &merchant_make_fields, make));
    if (!is_code(make->code))
        return fail(c, E_INVALID, "merchant.code", "商户代码只能用小写字母、数字和连字符",
                    "a merchant code has lower case letters, digits and - only");
    Merchant made = { id_new(c), make->code, make->name, make->zone, make->currency, make->lang, c->now };
    if (made.zone.len == 0) made.zone = S("Asia/Shanghai");
    if (made.currency.len == 0) made.currency = S("CNY");
    if (made.lang.len == 0) made.lang = S("zh");
    if (!zone_open(made.zone, &zone))
        return fail(c, E_INVALID, "merchant.zone", "没有这个时区：%.*s", "there is no such time zone: %.*s",
                    (int)made.zone.len, made.zone.at);
    int64_t before = c->merchant_id;
    c->merchant_id = made.merchant_id;
    Err err = app_unit(c, create_run, &made);
    if (err != OK)
        c->merchant_id = before;
    else
        *ret_merchant = made;
    return err;
}
