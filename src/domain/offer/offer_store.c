#include "domain/offer/offer_store.h"

const char *const offer_status_names[] = { "draft", "active", "paused", "ended", NULL };

static const Field row_field[] = {
    { .name = "offer_id", .kind = FIELD_ID, .offset = offsetof(Promo, id) },
    FIELD_OBJECT(Offer, promo, promo_fields),
    FIELD_ENUM(Offer, status, offer_status_names),
    FIELD(Offer, version),
    FIELD(Offer, created_at),
    FIELD(Offer, updated_at),
};
static const Fields row_fields = FIELDS(Offer, row_field);

static Str rule_of(Ctx *c, const Offer *offer) {
    Buf text = { .arena = c->arena };
    json_print(&text, &promo_fields, &offer->promo);
    return buf_str(&text);
}

Err offer_insert(Ctx *c, const Offer *o) {
    return db_exec(c,
                   "INSERT INTO offer (merchant_id, offer_id, status, name, rule, version, created_at, updated_at)"
                   " VALUES ($1, $2, $3, $4, $5, 1, $6, $6)",
                   ARGS(o->promo.id, offer_status_names[o->status], o->promo.name, rule_of(c, o), c->now));
}

Err offer_write(Ctx *c, const Offer *o, int64_t version, bool *ret_written) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "UPDATE offer SET status = $3, name = $4, rule = $5, version = version + 1, updated_at = $6"
                  " WHERE merchant_id = $1 AND offer_id = $2 AND version = $7 AND status <> 'ended'",
                  ARGS(o->promo.id, offer_status_names[o->status], o->promo.name, rule_of(c, o), c->now, version),
                  &changed));
    *ret_written = changed == 1;
    return OK;
}

#define OFFER_COLUMNS "rule AS promo, offer_id, status, version, created_at, updated_at"

Err offer_by_id(Ctx *c, int64_t offer_id, Offer *ret_offer, bool *ret_found) {
    return db_find(c, "SELECT " OFFER_COLUMNS " FROM offer WHERE merchant_id = $1 AND offer_id = $2", ARGS(offer_id),
                   &row_fields, ret_offer, ret_found);
}

Err offer_page(Ctx *c, Str status, int64_t before_id, int64_t most, Offers *ret_list) {
    return db_rows(c,
                   "SELECT " OFFER_COLUMNS " FROM offer WHERE merchant_id = $1 AND ($2 = '' OR status = $2)"
                   " AND offer_id < $3 ORDER BY offer_id DESC LIMIT $4",
                   ARGS(status, before_id, most), &row_fields, most, (ListAny *)ret_list);
}

Err offer_book_lock(Ctx *c, int64_t *ret_version) {
    return db_int(c,
                  "INSERT INTO offer_book (merchant_id, version, active_count) VALUES ($1, 1, 0)"
                  " ON CONFLICT (merchant_id) DO UPDATE SET version = offer_book.version + 1 RETURNING version",
                  NO_ARGS, ret_version);
}

Err offer_book_count(Ctx *c, int64_t *ret_active) {
    return db_int(c, "SELECT COUNT(*) FROM offer WHERE merchant_id = $1 AND status = 'active'", NO_ARGS, ret_active);
}

Err offer_book_put_count(Ctx *c, int64_t active_count) {
    return db_exec(c, "UPDATE offer_book SET active_count = $2 WHERE merchant_id = $1", ARGS(active_count));
}
