#include "domain/offer/offer.h"
#include "domain/offer/offer_check.h"
#include "domain/offer/offer_store.h"

/* ---- the book: all active offers in one cached value ---- */

typedef struct Book {
    int64_t version;
    Promos offers;
} Book;
static const Field book_field[] = { FIELD(Book, version),
                                    FIELD_LIST(Book, offers, promo_fields, .max = OFFERS_ACTIVE_MAX) };
static const Fields book_fields = FIELDS(Book, book_field);
/* In no slice's list: nobody edits it but this file. */
static const Setting book_setting = { .name = "offer_book", .fields = &book_fields };

static Err refuse_many(Ctx *c) {
    fail_number(c, "most", OFFERS_ACTIVE_MAX);
    return fail(c, E_CONFLICT, "offer.many", "同时进行的活动最多 %d 个", "at most %d offers are active at a time",
                OFFERS_ACTIVE_MAX);
}

static Err book_write(Ctx *c, int64_t version) {
    Offers active = { 0 };
    TRY(offer_page(c, S("active"), INT64_MAX, OFFERS_ACTIVE_MAX, &active));
    Book book = { .version = version, .offers = { NEW_LIST(c->arena, Promo, active.count + 1), active.count } };
    for (int64_t i = 0; i < active.count; i++) book.offers.items[i] = active.items[i].promo;
    TRY(offer_book_put_count(c, active.count));
    return setting_put(c, &book_setting, &book);
}

static bool fits_place(const Promo *p, const OfferAsk *ask) {
    bool in_shop = p->shop_ids.count == 0, in_channel = p->channels.count == 0;
    if ((p->when.from_day != 0 && ask->day < p->when.from_day) || (p->when.to_day != 0 && ask->day > p->when.to_day))
        return false;
    for (int64_t i = 0; i < p->shop_ids.count; i++) in_shop = in_shop || p->shop_ids.items[i] == ask->shop_id;
    for (int64_t i = 0; i < p->channels.count; i++)
        in_channel = in_channel || str_equal(p->channels.items[i], ask->channel);
    return in_shop && in_channel;
}

Err offer_active(Ctx *c, const OfferAsk *ask, Promos *ret_offers, int64_t *ret_version) {
    Book book = { 0 };
    TRY(setting_get(c, &book_setting, &book));
    Promos offers = { NEW_LIST(c->arena, Promo, book.offers.count + 1), 0 };
    for (int64_t i = 0; i < book.offers.count; i++)
        if (fits_place(&book.offers.items[i], ask)) offers.items[offers.count++] = book.offers.items[i];
    *ret_offers = offers;
    *ret_version = book.version;
    return OK;
}

Err offer_is_current(Ctx *c, int64_t version, bool *ret_current) {
    Book book = { 0 };
    TRY(setting_get(c, &book_setting, &book));
    *ret_current = book.version == version;
    return OK;
}

/* ---- changing ---- */

static Err note(Ctx *c, const char *action, const Offer *before, const Offer *after) {
    return audit(c, &(AuditNote){ .action = action,
                                  .subject = "offer",
                                  .subject_id = after->promo.id,
                                  .fields = &offer_fields,
                                  .before = before,
                                  .after = after });
}

static Err put_in_book(Ctx *c, bool was_active, bool is_active, int64_t version) {
    int64_t active = 0;
    if (!was_active && !is_active) return OK;
    TRY(offer_book_count(c, &active));
    if (active > OFFERS_ACTIVE_MAX) return refuse_many(c);
    return book_write(c, version);
}

Err offer_create(Ctx *c, const Offer *in, Offer *ret_offer) {
    Offer offer = *in;
    int64_t version;
    TRY(offer_check(c, &offer));
    if (offer.status == OFFER_ENDED) offer.status = OFFER_DRAFT;
    offer.promo.id = id_new(c);
    TRY(offer_book_lock(c, &version));
    TRY(offer_insert(c, &offer));
    TRY(put_in_book(c, false, offer.status == OFFER_ACTIVE, version));
    TRY(offer_read(c, offer.promo.id, ret_offer));
    return note(c, "offer.create", NULL, ret_offer);
}

Err offer_update(Ctx *c, const Offer *in, int64_t version, Offer *ret_offer) {
    Offer before, changed = *in, *offer = &changed;
    int64_t book_version;
    bool written;
    TRY(offer_book_lock(c, &book_version));
    TRY(offer_read(c, offer->promo.id, &before));
    if (before.status == OFFER_ENDED)
        return fail(c, E_CONFLICT, "offer.ended", "活动已结束，请新建一个", "the offer has ended: make a new one");
    TRY(offer_check(c, offer));
    TRY(offer_write(c, offer, version, &written));
    if (!written)
        return fail(c, E_STALE, "offer.moved", "活动刚被他人改过，请刷新后再改",
                    "the offer was changed meanwhile: read it again");
    TRY(put_in_book(c, before.status == OFFER_ACTIVE, offer->status == OFFER_ACTIVE, book_version));
    TRY(offer_read(c, offer->promo.id, ret_offer));
    return note(c, "offer.update", &before, ret_offer);
}

Err offer_read(Ctx *c, int64_t offer_id, Offer *ret_offer) {
    bool found;
    TRY(offer_by_id(c, offer_id, ret_offer, &found));
    return found ? OK : fail(c, E_NOT_FOUND, "offer.not_found", "没有这个活动", "no such offer");
}

/* ---- presets ---- */

typedef struct Preset {
    const char *key;
    Promo promo;
} Preset;
static const Preset presets[] = {
    { "second_half", { .name = S_INIT("第二件半价"), .kind = PROMO_NTH, .nth = 2, .rate_bp = 5000 } },
    { "full_100_20", { .name = S_INIT("满100减20"), .kind = PROMO_CASH, .threshold_fen = 10000, .off_fen = 2000 } },
    { "member_day",
      { .name = S_INIT("会员日九折"),
        .kind = PROMO_RATE,
        .rate_bp = 9000,
        .who = { .members_only = true },
        .when = { .month_days = { (int64_t[]){ 8, 18, 28 }, 3 } } } },
    { "birthday_month",
      { .name = S_INIT("生日当月八折"),
        .kind = PROMO_RATE,
        .rate_bp = 8000,
        .who = { .birthday = PROMO_BIRTHDAY_MONTH } } },
    { "breakfast",
      { .name = S_INIT("早餐套餐"), .kind = PROMO_BUNDLE, .when = { .from_minute = 6 * 60, .to_minute = 10 * 60 } } },
};

Err offer_preset(Ctx *c, Str preset, Offer *ret_offer) {
    for (int64_t i = 0; i < (int64_t)(sizeof presets / sizeof presets[0]); i++) {
        if (!str_is(preset, presets[i].key)) continue;
        return offer_create(c, &(Offer){ .promo = presets[i].promo }, ret_offer);
    }
    return fail(c, E_NOT_FOUND, "offer.preset_unknown", "没有这个模板", "no such preset");
}
