#include "domain/member/member_store.h"
#include "app/memo.h"

const char *const member_status_names[] = { "active", "frozen", "merged", "erased", NULL };
const char *const member_stage_names[] = { "visitor", "customer", "member", "regular", "sleeping", "lost", NULL };
const char *const member_gender_names[] = { "unknown", "male", "female", "other", NULL };

/* A card, and every statement that reads one whole. */
#define CARD_FIELDS \
    FIELD_ID(MemberCard, member_id), FIELD(MemberCard, member_no), FIELD(MemberCard, name, .is_personal = true), \
    FIELD_ENUM(MemberCard, status, member_status_names), FIELD_ENUM(MemberCard, stage, member_stage_names), \
    FIELD(MemberCard, blocked), FIELD_ID(MemberCard, tier_id), FIELD(MemberCard, tier_name), \
    FIELD(MemberCard, points), FIELD(MemberCard, growth), FIELD(MemberCard, orders), \
    FIELD(MemberCard, spend_fen), FIELD(MemberCard, first_order_at), FIELD(MemberCard, last_order_at), \
    FIELD(MemberCard, birth_month), FIELD(MemberCard, birth_day), FIELD(MemberCard, birth_is_lunar), \
    FIELD_ID(MemberCard, shop_id), FIELD(MemberCard, joined_at), FIELD(MemberCard, created_at)
static const Field card_field[] = { CARD_FIELDS };
const Fields member_card_fields = FIELDS(MemberCard, card_field);
#define CARD_COLUMNS \
    "member_id, member_no, name, status, stage, blocked, tier_id, tier_name, points, growth, orders, spend_fen," \
    " first_order_at, last_order_at, birth_month, birth_day, birth_is_lunar, shop_id, joined_at, created_at"

static const Field row_field[] = {
    FIELD_ENUM(MemberRow, gender, member_gender_names),
    FIELD(MemberRow, birth_year),
    FIELD(MemberRow, region),
    FIELD(MemberRow, hobbies),
    FIELD_LIST(MemberRow, addresses, member_address_fields),
    FIELD_JSON(MemberRow, custom),
    FIELD(MemberRow, channel),
    FIELD_ID(MemberRow, staff_id),
    FIELD_ID(MemberRow, inviter_id),
    FIELD(MemberRow, completed_at),
    FIELD(MemberRow, updated_at),
    FIELD(MemberRow, version),
};
static const Fields row_fields = FIELDS(MemberRow, row_field);

typedef struct IntRow {
    int64_t value;
} IntRow;
static const Field int_row_field[] = { FIELD(IntRow, value) };
static const Fields int_row_fields = FIELDS(IntRow, int_row_field);

static Str addresses_json(Ctx *c, const MemberAddresses *list) {
    Buf b = { .arena = c->arena };
    json_print_list(&b, &member_address_fields, (ListAny){ list->items, list->count });
    return buf_str(&b);
}

/* ---- one member ---- */

Err member_card_insert(Ctx *c, const MemberCard *card, bool *ret_is_new) {
    int64_t changed = 0;
    TRY(db_change(
        c,
        "INSERT INTO member_card (merchant_id, member_id, member_no, name, status, stage, blocked, tier_id, tier_name,"
        " points, growth, orders, spend_fen, first_order_at, last_order_at, birth_month, birth_day, birth_is_lunar,"
        " shop_id, joined_at, merged_into, created_at)"
        " VALUES ($1, $2, $3, $4, 'active', $5, 0, 0, '', 0, 0, 0, 0, 0, 0, $6, $7, $8, $9, $10, 0, $11)"
        " ON CONFLICT DO NOTHING",
        ARGS(card->member_id, card->member_no, card->name, member_stage_names[card->stage], card->birth_month,
             card->birth_day, card->birth_is_lunar, card->shop_id, card->joined_at, card->created_at),
        &changed));
    *ret_is_new = changed == 1;
    return OK;
}

Err member_insert(Ctx *c, const MemberRow *row) {
    return db_exec(
        c,
        "INSERT INTO member (merchant_id, member_id, gender, birth_year, region, hobbies, addresses, custom, channel,"
        " staff_id, inviter_id, completed_at, updated_at, version)"
        " VALUES ($1, $2, $3, $4, $5, '[]', '[]', $6, $7, $8, $9, 0, $10, 1)",
        ARGS(row->card.member_id, member_gender_names[row->gender], row->birth_year, row->region, row->custom,
             row->channel, row->staff_id, row->inviter_id, c->now));
}

/* Always four places, so that one prepared statement serves all: places that are not used repeat the first word. */
static void four_words(const MemberWords *words, Bytes ret_four[4]) {
    for (int64_t i = 0; i < 4; i++) ret_four[i] = words->words[i < words->count ? i : 0];
}

Err member_words_insert(Ctx *c, int64_t member_id, const MemberWords *words) {
    Bytes w[4];
    if (words->count == 0) return OK;
    four_words(words, w);
    return db_exec(
        c,
        "INSERT INTO member_word (merchant_id, member_id, word) VALUES ($1, $2, $3), ($1, $2, $4), ($1, $2, $5),"
        " ($1, $2, $6) ON CONFLICT DO NOTHING",
        ARGS(member_id, w[0], w[1], w[2], w[3]));
}

Err member_words_delete(Ctx *c, int64_t member_id, const MemberWords *words) {
    Bytes w[4];
    if (words->count == 0) return OK;
    four_words(words, w);
    return db_exec(c, "DELETE FROM member_word WHERE merchant_id = $1 AND member_id = $2 AND word IN ($3, $4, $5, $6)",
                   ARGS(member_id, w[0], w[1], w[2], w[3]));
}

Err member_card_read(Ctx *c, int64_t member_id, MemberCard *ret_card, bool *ret_found) {
    return db_find(
        c,
        "SELECT " CARD_COLUMNS
        " FROM member_card WHERE merchant_id = $1 AND member_id = $2",
        ARGS(member_id), &member_card_fields, ret_card, ret_found);
}

/* An UPDATE that changes nothing takes the row lock on PostgreSQL; SQLite has one writer anyway. */
Err member_card_lock(Ctx *c, int64_t member_id, MemberCard *ret_card, bool *ret_found) {
    return db_find(
        c,
        "UPDATE member_card SET status = status WHERE merchant_id = $1 AND member_id = $2"
        " RETURNING " CARD_COLUMNS,
        ARGS(member_id), &member_card_fields, ret_card, ret_found);
}

Err member_card_by_no(Ctx *c, Str member_no, MemberCard *ret_card, bool *ret_found) {
    return db_find(
        c,
        "SELECT " CARD_COLUMNS
        " FROM member_card WHERE merchant_id = $1 AND member_no = $2",
        ARGS(member_no), &member_card_fields, ret_card, ret_found);
}

Err member_card_by_key(Ctx *c, Bytes key, MemberCard *ret_card, bool *ret_found) {
    return db_find(c,
                   "SELECT " CARD_COLUMNS " FROM member_card WHERE merchant_id = $1"
                   " AND member_id = (" IDENTITY_OWNER_SQL "$2)",
                   ARGS(key), &member_card_fields, ret_card, ret_found);
}

Err member_found_by_key(Ctx *c, Bytes key, MemberCard *ret_card, Bytes *ret_sealed_phone, bool *ret_found) {
    typedef struct FoundRow { MemberCard card; Bytes sealed_phone; } FoundRow;
    static const Field found_field[] = { CARD_FIELDS, FIELD(FoundRow, sealed_phone) };
    static const Fields found_fields = FIELDS(FoundRow, found_field);
    FoundRow row = { 0 };
    TRY(db_find(c,
                "SELECT " CARD_COLUMNS ", (" IDENTITY_PHONE_SQL "member_card.member_id) AS sealed_phone"
                " FROM member_card WHERE merchant_id = $1 AND member_id = (" IDENTITY_OWNER_SQL "$2)",
                ARGS(key), &found_fields, &row, ret_found));
    *ret_card = row.card;
    *ret_sealed_phone = row.sealed_phone;
    return OK;
}

Err member_row_read(Ctx *c, int64_t member_id, MemberRow *ret_row, bool *ret_found) {
    MemberRow row = { 0 };
    bool is_there = false;
    TRY(member_card_read(c, member_id, &row.card, ret_found));
    if (!*ret_found) return OK;
    MemberCard card = row.card;
    TRY(db_find(
        c,
        "SELECT gender, birth_year, region, hobbies, addresses, custom, channel, staff_id, inviter_id, completed_at,"
        " updated_at, version FROM member WHERE merchant_id = $1 AND member_id = $2",
        ARGS(member_id), &row_fields, &row, &is_there));
    row.card = card;
    *ret_row = row;
    return member_merged_into(c, member_id, &ret_row->merged_into, &is_there);
}

Err member_merged_into(Ctx *c, int64_t member_id, int64_t *ret_into_id, bool *ret_found) {
    IntRow row = { 0 };
    TRY(db_find(c, "SELECT merged_into AS value FROM member_card WHERE merchant_id = $1 AND member_id = $2",
                ARGS(member_id), &int_row_fields, &row, ret_found));
    *ret_into_id = row.value;
    return OK;
}

Err member_profile_write(Ctx *c, const MemberRow *row, int64_t version, bool *ret_written) {
    int64_t changed = 0;
    TRY(db_change(
        c,
        "UPDATE member SET gender = $3, birth_year = $4, region = $5, hobbies = $6, addresses = $7, custom = $8,"
        " channel = $9, completed_at = $10, updated_at = $11, version = version + 1"
        " WHERE merchant_id = $1 AND member_id = $2 AND version = $12",
        ARGS(row->card.member_id, member_gender_names[row->gender], row->birth_year, row->region,
             json_strs(c->arena, &row->hobbies), addresses_json(c, &row->addresses), row->custom, row->channel,
             row->completed_at, c->now, version),
        &changed));
    *ret_written = changed == 1;
    if (!*ret_written) return OK;
    memo_forget(c, row->card.member_id);
    return db_exec(c,
                   "UPDATE member_card SET name = $3, birth_month = $4, birth_day = $5, birth_is_lunar = $6"
                   " WHERE merchant_id = $1 AND member_id = $2",
                   ARGS(row->card.member_id, row->card.name, row->card.birth_month, row->card.birth_day,
                        row->card.birth_is_lunar));
}

Err member_joined_write(Ctx *c, int64_t member_id, int64_t joined_at, MemberStage stage) {
    memo_forget(c, member_id);
    return db_exec(
        c,
        "UPDATE member_card SET joined_at = $3, stage = $4 WHERE merchant_id = $1 AND member_id = $2 AND joined_at = 0",
        ARGS(member_id, joined_at, member_stage_names[stage]));
}

/* Who follows members by updated_since learns of their status too. */
static Err touch(Ctx *c, int64_t member_id) {
    memo_forget(c, member_id);
    return db_exec(c, "UPDATE member SET updated_at = $3 WHERE merchant_id = $1 AND member_id = $2",
                   ARGS(member_id, c->now));
}

Err member_status_write(Ctx *c, int64_t member_id, MemberStatus status, int64_t merged_into) {
    TRY(touch(c, member_id));
    return db_exec(c, "UPDATE member_card SET status = $3, merged_into = $4 WHERE merchant_id = $1 AND member_id = $2",
                   ARGS(member_id, member_status_names[status], merged_into));
}

Err member_merged_write(Ctx *c, int64_t member_id, int64_t into_id) {
    TRY(touch(c, member_id));
    return db_exec(c,
                   "UPDATE member_card SET status = 'merged', merged_into = $3, points = 0, growth = 0"
                   " WHERE merchant_id = $1 AND member_id = $2",
                   ARGS(member_id, into_id));
}

Err member_blocked_write(Ctx *c, int64_t member_id, int64_t blocked) {
    TRY(touch(c, member_id));
    return db_exec(c, "UPDATE member_card SET blocked = $3 WHERE merchant_id = $1 AND member_id = $2",
                   ARGS(member_id, blocked));
}

Err member_stage_write(Ctx *c, int64_t member_id, MemberStage stage) {
    memo_forget(c, member_id);
    return db_exec(c, "UPDATE member_card SET stage = $3 WHERE merchant_id = $1 AND member_id = $2",
                   ARGS(member_id, member_stage_names[stage]));
}

Err member_erase_write(Ctx *c, int64_t member_id) {
    memo_forget(c, member_id);
    TRY(db_exec(
        c,
        "UPDATE member_card SET name = '', status = 'erased', birth_month = 0, birth_day = 0, birth_is_lunar = 0"
        " WHERE merchant_id = $1 AND member_id = $2",
        ARGS(member_id)));
    return db_exec(
        c,
        "UPDATE member SET gender = 'unknown', birth_year = 0, region = '', hobbies = '[]', addresses = '[]',"
        " custom = '{}', updated_at = $3, version = version + 1 WHERE merchant_id = $1 AND member_id = $2",
        ARGS(member_id, c->now));
}

#define SUMMARY_SET                                                                                                    \
    " points = CASE WHEN $3 = 1 THEN $4 ELSE points + $5 END,"                                                         \
    " growth = CASE WHEN $6 = 1 THEN $7 ELSE growth + $8 END,"                                                         \
    " tier_id = CASE WHEN $9 = 1 THEN $10 ELSE tier_id END,"                                                           \
    " tier_name = CASE WHEN $9 = 1 THEN $11 ELSE tier_name END,"                                                       \
    " orders = orders + $12, spend_fen = spend_fen + $13,"                                                             \
    " first_order_at = CASE WHEN $14 > 0 AND (first_order_at = 0 OR first_order_at > $14) THEN $14"                    \
    " ELSE first_order_at END,"                                                                                        \
    " last_order_at = CASE WHEN $14 > last_order_at THEN $14 ELSE last_order_at END"

Err member_summary_write(Ctx *c, int64_t member_id, const MemberSummary *s, bool *ret_written) {
    memo_forget(c, member_id);
    int64_t changed = 0;
    TRY(db_change(c,
                  "UPDATE member_card SET" SUMMARY_SET " WHERE merchant_id = $1 AND member_id = $2"
                  " AND (status <> 'merged' OR $15 = 1)",
                  ARGS(member_id, (s->set & SUMMARY_POINTS) != 0, s->points, s->add_points,
                       (s->set & SUMMARY_GROWTH) != 0, s->growth, s->add_growth, (s->set & SUMMARY_TIER) != 0,
                       s->tier_id, s->tier_name, s->add_orders, s->add_spend_fen, s->order_at,
                       s->set == SUMMARY_TIER),
                  &changed));
    *ret_written = changed == 1;
    return OK;
}

Err member_summary_put_as(Ctx *c, const MemberCard *seen, const MemberSummary *s, bool *ret_is_same) {
    memo_forget(c, seen->member_id);
    int64_t changed = 0;
    TRY(db_change(c,
                  "UPDATE member_card SET" SUMMARY_SET " WHERE merchant_id = $1 AND member_id = $2"
                  " AND status = $15 AND blocked = $16 AND tier_id = $17",
                  ARGS(seen->member_id, (s->set & SUMMARY_POINTS) != 0, s->points, s->add_points,
                       (s->set & SUMMARY_GROWTH) != 0, s->growth, s->add_growth, (s->set & SUMMARY_TIER) != 0,
                       s->tier_id, s->tier_name, s->add_orders, s->add_spend_fen, s->order_at,
                       member_status_names[seen->status], seen->blocked, seen->tier_id),
                  &changed));
    *ret_is_same = changed == 1;
    return OK;
}

/* ---- lists ---- */

static int64_t until_of(const MemberFilter *filter) {
    return filter->created_until == 0 ? INT64_MAX : filter->created_until;
}

Err member_page(Ctx *c, const MemberFilter *filter, int64_t below_id, int64_t most, MemberCards *ret_cards) {
    return db_rows(
        c,
        "SELECT " CARD_COLUMNS
        " FROM member_card WHERE merchant_id = $1 AND member_id < $2 AND ($3 = '' OR status = $3)"
        " AND ($4 = 0 OR shop_id = $4) AND ($5 = 0 OR tier_id = $5)"
        " AND created_at >= $6 AND created_at < $7 ORDER BY member_id DESC LIMIT $8",
        ARGS(below_id, filter->status, filter->shop_id, filter->tier_id, filter->created_from, until_of(filter), most),
        &member_card_fields, most, (ListAny *)ret_cards);
}

Err member_page_of_stage(Ctx *c, const MemberFilter *filter, int64_t below_id, int64_t most, MemberCards *ret_cards) {
    return db_rows(
        c,
        "SELECT " CARD_COLUMNS
        " FROM member_card WHERE merchant_id = $1 AND stage = $2 AND member_id < $3 AND ($4 = '' OR status = $4)"
        " AND ($5 = 0 OR shop_id = $5) AND ($6 = 0 OR tier_id = $6)"
        " AND created_at >= $7 AND created_at < $8 ORDER BY member_id DESC LIMIT $9",
        ARGS(filter->stage, below_id, filter->status, filter->shop_id, filter->tier_id, filter->created_from,
             until_of(filter), most),
        &member_card_fields, most, (ListAny *)ret_cards);
}

Err member_page_of_updates(Ctx *c, const MemberFilter *filter, int64_t after_at, int64_t after_id, int64_t most,
                           MemberCards *ret_cards, int64_t *ret_last_at) {
    typedef struct Update { MemberCard card; int64_t updated_at; } Update;
    static const Field update_field[] = { CARD_FIELDS, FIELD(Update, updated_at) };
    static const Fields update_fields = FIELDS(Update, update_field);
    LIST_OF(Update) rows = { 0 };
    TRY(db_rows(c,
                "SELECT " CARD_COLUMNS ", updated_at FROM (SELECT member_id AS changed_id, updated_at FROM member"
                " WHERE merchant_id = $1 AND updated_at >= $2 AND (updated_at > $2 OR member_id > $3)) m"
                " JOIN member_card ON merchant_id = $1 AND member_id = m.changed_id"
                " WHERE merchant_id = $1 AND ($4 = '' OR status = $4) AND ($5 = '' OR stage = $5)"
                " AND ($6 = 0 OR shop_id = $6) AND ($7 = 0 OR tier_id = $7)"
                " AND created_at >= $8 AND created_at < $9 ORDER BY updated_at, member_id LIMIT $10",
                ARGS(after_at, after_id, filter->status, filter->stage, filter->shop_id, filter->tier_id,
                     filter->created_from, until_of(filter), most),
                &update_fields, most, (ListAny *)&rows));
    ret_cards->count = rows.count;
    for (int64_t i = 0; i < rows.count; i++) ret_cards->items[i] = rows.items[i].card;
    *ret_last_at = rows.count == 0 ? 0 : rows.items[rows.count - 1].updated_at;
    return OK;
}

Err member_page_of_word(Ctx *c, const MemberFilter *filter, Bytes from, Bytes until, int64_t below_id, int64_t most,
                        MemberCards *ret_cards) {
    return db_rows(
        c,
        "SELECT " CARD_COLUMNS
        " FROM (SELECT DISTINCT h.member_id AS hit_id FROM (SELECT w.member_id FROM member_word w"
        " WHERE w.merchant_id = $1 AND w.word >= $2 AND w.word < $3 ORDER BY w.word, w.member_id LIMIT $4) h) d"
        " JOIN member_card ON merchant_id = $1 AND member_id = d.hit_id"
        " WHERE merchant_id = $1 AND member_id < $5 AND ($6 = '' OR status = $6) AND ($7 = '' OR stage = $7)"
        " AND ($8 = 0 OR shop_id = $8) AND ($9 = 0 OR tier_id = $9) AND created_at >= $10 AND created_at < $11"
        " ORDER BY member_id DESC LIMIT $12",
        ARGS(from, until, MEMBER_SEARCH_HITS_MAX, below_id, filter->status, filter->stage, filter->shop_id,
             filter->tier_id, filter->created_from, until_of(filter), most),
        &member_card_fields, most, (ListAny *)ret_cards);
}

Err member_walk(Ctx *c, int64_t above_member_id, int64_t most, MemberCards *ret_cards) {
    return db_rows(
        c,
        "SELECT " CARD_COLUMNS
        " FROM member_card WHERE merchant_id = $1 AND member_id > $2 AND status = 'active' ORDER BY member_id LIMIT $3",
        ARGS(above_member_id, most), &member_card_fields, most, (ListAny *)ret_cards);
}

/* ---- blocked rights ---- */

static const Field block_field[] = {
    FIELD(MemberBlock, right_name),  FIELD(MemberBlock, right_bit),  FIELD(MemberBlock, reason),
    FIELD_ID(MemberBlock, staff_id), FIELD(MemberBlock, created_at),
};
const Fields member_block_fields = FIELDS(MemberBlock, block_field);

Err member_block_put(Ctx *c, int64_t member_id, const MemberBlock *block) {
    return db_exec(
        c,
        "INSERT INTO member_block (merchant_id, member_id, right_name, right_bit, reason, staff_id, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (merchant_id, member_id, right_name) DO NOTHING",
        ARGS(member_id, block->right_name, block->right_bit, block->reason, block->staff_id, c->now));
}

Err member_block_delete(Ctx *c, int64_t member_id, Str right_name) {
    return db_exec(c, "DELETE FROM member_block WHERE merchant_id = $1 AND member_id = $2 AND right_name = $3",
                   ARGS(member_id, right_name));
}

Err member_blocks(Ctx *c, int64_t member_id, MemberBlocks *ret_blocks) {
    return db_rows(c,
                   "SELECT right_name, right_bit, reason, staff_id, created_at FROM member_block"
                   " WHERE merchant_id = $1 AND member_id = $2 ORDER BY right_bit",
                   ARGS(member_id), &member_block_fields, LIST_MAX, (ListAny *)ret_blocks);
}

Err member_blocks_blank(Ctx *c, int64_t member_id) {
    return db_exec(c, "UPDATE member_block SET reason = '' WHERE merchant_id = $1 AND member_id = $2", ARGS(member_id));
}

/* ---- the merchant's own fields ---- */

const char *const member_field_kind_names[] = { "text", "number", "day", "choice", "multi", NULL };

Err member_field_insert(Ctx *c, const MemberField *field, bool *ret_is_new) {
    int64_t changed = 0;
    TRY(db_change(
        c,
        "INSERT INTO member_field (merchant_id, field_id, key, label, kind, choices, is_member_edit, is_personal, "
        "is_active,"
        " position, created_at, updated_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, 1)"
        " ON CONFLICT DO NOTHING",
        ARGS(field->field_id, field->key, field->label, member_field_kind_names[field->kind],
             json_strs(c->arena, &field->choices), field->is_member_edit, field->is_personal, field->is_active,
             field->position, c->now),
        &changed));
    *ret_is_new = changed == 1;
    return OK;
}

Err member_field_write(Ctx *c, const MemberField *field, bool *ret_written) {
    int64_t changed = 0;
    TRY(db_change(
        c,
        "UPDATE member_field SET label = $3, choices = $4, is_member_edit = $5, is_personal = $6, is_active = $7,"
        " position = $8, updated_at = $9, version = version + 1"
        " WHERE merchant_id = $1 AND field_id = $2 AND version = $10",
        ARGS(field->field_id, field->label, json_strs(c->arena, &field->choices), field->is_member_edit,
             field->is_personal, field->is_active, field->position, c->now, field->version),
        &changed));
    *ret_written = changed == 1;
    return OK;
}

Err member_field_read(Ctx *c, int64_t field_id, MemberField *ret_field, bool *ret_found) {
    return db_find(
        c,
        "SELECT field_id, key, label, kind, choices, is_member_edit, is_personal, is_active, position, created_at,"
        " updated_at, version FROM member_field WHERE merchant_id = $1 AND field_id = $2",
        ARGS(field_id), &member_field_fields, ret_field, ret_found);
}

Err member_fields_read(Ctx *c, bool with_inactive, MemberFields *ret_fields) {
    return db_rows(
        c,
        "SELECT field_id, key, label, kind, choices, is_member_edit, is_personal, is_active, position, created_at,"
        " updated_at, version FROM member_field WHERE merchant_id = $1 AND ($2 = 1 OR is_active = 1)"
        " ORDER BY position, field_id",
        ARGS(with_inactive), &member_field_fields, MEMBER_FIELDS_MAX, (ListAny *)ret_fields);
}

/* ---- passwords ---- */

typedef struct HashRow {
    Str hash;
} HashRow;
static const Field hash_row_field[] = { FIELD(HashRow, hash, .is_secret = true) };
static const Fields hash_row_fields = FIELDS(HashRow, hash_row_field);

Err member_password_put(Ctx *c, int64_t member_id, Str hash) {
    return db_exec(
        c,
        "INSERT INTO member_password (merchant_id, member_id, hash, changed_at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (merchant_id, member_id) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at",
        ARGS(member_id, hash, c->now));
}

Err member_password_read(Ctx *c, int64_t member_id, Str *ret_hash) {
    HashRow row = { 0 };
    bool is_found = false;
    TRY(db_find(c, "SELECT hash FROM member_password WHERE merchant_id = $1 AND member_id = $2", ARGS(member_id),
                &hash_row_fields, &row, &is_found));
    *ret_hash = row.hash;
    return OK;
}

Err member_password_delete(Ctx *c, int64_t member_id) {
    return db_exec(c, "DELETE FROM member_password WHERE merchant_id = $1 AND member_id = $2", ARGS(member_id));
}
