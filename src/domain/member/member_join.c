#include <assert.h>
#include "base/code.h"
#include "domain/member/member_inside.h"

enum { NO_TRIES_MAX = 8, NO_DIGITS = MEMBER_NO_LEN - 1 };

/* ---- who has these identities ---- */

typedef struct Known {
    IdentityValue value;
    int64_t owner_id;
} Known;
typedef struct KnownList {
    Known items[MEMBER_JOIN_IDENTITIES];
    int64_t count, member_id;
} KnownList;

static Err find_known(Ctx *c, const MemberJoin *join, KnownList *ret_known) {
    KnownList known = { 0 };
    for (int64_t i = 0; i < join->identity_count; i++) {
        Known *k = &known.items[known.count];
        if (join->identities[i].value.len == 0) continue;
        TRY(identity_normalise(c, &join->identities[i], &k->value));
        TRY(identity_find(c, &k->value, &k->owner_id));
        known.count++;
        if (k->owner_id == 0 || k->owner_id == known.member_id) continue;
        if (known.member_id != 0) {
            fail_number(c, "first_id", known.member_id);
            fail_number(c, "second_id", k->owner_id);
            return fail(c, E_CONFLICT, "member.two_found", "这些号码分属两位会员，请先合并",
                        "these identities belong to two members; merge them first");
        }
        known.member_id = k->owner_id;
    }
    *ret_known = known;
    return OK;
}

/* ---- a new member ---- */

/* Nine digits of chance and a check digit: says nothing about how many members there are; a mistyped one is refused. */
static Err insert_card(Ctx *c, MemberCard *card) {
    for (int attempt = 0; attempt < NO_TRIES_MAX; attempt++) {
        bool is_new = false;
        card->member_no = number_code(c->arena, 100000000 + rng_below(c->rng, 900000000), NO_DIGITS);
        TRY(member_card_insert(c, card, &is_new));
        if (is_new) return OK;
    }
    return fail(c, E_BUSY, "member.no_exhausted", "会员号分配失败，请重试",
                "no free member number was found, try again");
}

static Err create(Ctx *c, const MemberJoin *join, Str custom, bool has_joined, MemberCard *ret_card) {
    int64_t at = join->joined_at != 0 ? join->joined_at : c->now;
    MemberRow row = {
        .card = { .member_id = id_new(c),
                  .name = str_trim(join->name),
                  .shop_id = join->shop_id,
                  .stage = has_joined ? STAGE_MEMBER : STAGE_VISITOR,
                  .joined_at = has_joined ? at : 0,
                  .created_at = at,
                  .birth_month = join->birthday.month,
                  .birth_day = join->birthday.day,
                  .birth_is_lunar = join->birthday.is_lunar },
        .gender = join->gender,
        .birth_year = join->birthday.year,
        .region = join->region,
        .custom = custom,
        .channel = join->channel,
        .staff_id = join->staff_id,
        .inviter_id = join->inviter_id,
    };
    TRY(insert_card(c, &row.card));
    TRY(member_insert(c, &row));
    TRY(member_words_keep(c, row.card.member_id, row.card.name));
    *ret_card = row.card;
    return OK;
}

/* Binds what nobody has yet; only the first identity was proven by a code. */
static Err bind_missing(Ctx *c, int64_t member_id, const MemberJoin *join, const KnownList *known) {
    for (int64_t i = 0; i < known->count; i++) {
        const Known *k = &known->items[i];
        bool is_proven = join->is_proven && i == 0;
        if (k->owner_id != 0 && !is_proven) continue;
        TRY(identity_bind(c, member_id, &k->value, is_proven));
    }
    return OK;
}

/* Since the number was looked up another till has taken it, or its member was erased or merged: the unit runs again and
 * finds who has it now. */
static Err joined_meanwhile(Ctx *c) {
    problem_clear(c);
    return fail(c, E_STALE, "member.join_again", "这个号码的会员刚刚变动，请重试",
                "the member of this number changed just now, try again");
}

/* A new member has nothing yet: the first of each kind is the main one, and nobody needs to be asked. */
static Err bind_first(Ctx *c, int64_t member_id, const MemberJoin *join, const KnownList *known) {
    for (int64_t i = 0; i < known->count; i++) {
        bool is_main = true;
        for (int64_t k = 0; k < i; k++) is_main = is_main && known->items[k].value.kind != known->items[i].value.kind;
        Err err = identity_bind_new(c, member_id, &known->items[i].value, join->is_proven && i == 0, is_main);
        if (err == E_CONFLICT) return joined_meanwhile(c);
        TRY(err);
    }
    return OK;
}

/* An old member's empty name is filled in; nothing that stands is overwritten. */
static Err fill_name(Ctx *c, const MemberCard *card, Str name) {
    MemberRow row = { 0 };
    bool is_written = false;
    if (card->name.len > 0 || name.len == 0) return OK;
    TRY(member_row(c, card->member_id, &row));
    row.card.name = name;
    TRY(member_profile_write(c, &row, row.version, &is_written));
    if (!is_written) return joined_meanwhile(c);
    return member_words_keep(c, card->member_id, name);
}

/* Bulk joins say nothing: a million events would only tell what the importer hands on in bulk. */
static Err announce(Ctx *c, int64_t member_id, const MemberJoin *join) {
    if (join->is_import) return OK;
    return emit(c, &member_joined, member_id,
                &(MemberJoinedEvent){ .member_id = member_id,
                                      .shop_id = join->shop_id,
                                      .channel = join->channel,
                                      .inviter_id = join->inviter_id,
                                      .is_import = join->is_import });
}

static Err join_known(Ctx *c, const MemberJoin *join, const KnownList *known, MemberJoined *ret_joined) {
    MemberCard card = { 0 };
    TRY(member_lock(c, known->member_id, &card));
    /* Forgotten or merged since the number was looked up: it is free now, or leads to somebody else. */
    if (card.status == MEMBER_ERASED || card.status == MEMBER_MERGED) return joined_meanwhile(c);
    TRY(bind_missing(c, card.member_id, join, known));
    TRY(fill_name(c, &card, str_trim(join->name)));
    *ret_joined = (MemberJoined){ .member_id = card.member_id, .member_no = card.member_no };
    if (card.joined_at != 0 || known->count == 0) return OK;
    TRY(member_joined_write(c, card.member_id, c->now, STAGE_MEMBER));
    return announce(c, card.member_id, join);
}

Err member_join(Ctx *c, const MemberJoin *join, MemberJoined *ret_joined) {
    KnownList known = { 0 };
    MemberCard card = { 0 };
    Str custom = S("{}");
    assert(join->identity_count <= MEMBER_JOIN_IDENTITIES);
    TRY(find_known(c, join, &known));
    if (known.member_id != 0) return join_known(c, join, &known, ret_joined);
    TRY(birthday_check(c, &join->birthday));
    if (join->custom.len > 0) TRY(member_custom_put(c, S("{}"), join->custom, c->actor.kind == ACTOR_MEMBER, &custom));
    if (join->inviter_id != 0) TRY(member_card(c, join->inviter_id, &card));
    if (join->shop_id != 0) TRY(shop_need(c, join->shop_id));
    TRY(create(c, join, custom, known.count > 0, &card));
    TRY(bind_first(c, card.member_id, join, &known));
    *ret_joined = (MemberJoined){ .member_id = card.member_id, .member_no = card.member_no, .is_new = true };
    return known.count > 0 ? announce(c, card.member_id, join) : OK;
}

/* ---- bulk ---- */

/* Everything that may be refused is asked before the first write of the row, so a refused row leaves nothing; only a
 * twin who binds the same number at this very moment can still refuse, and then the whole batch is run again. */
static Err import_row(Ctx *c, MemberImportRow *row) {
    MemberJoined joined = { 0 };
    row->join.is_import = true;
    TRY(member_join(c, &row->join, &joined));
    row->member_id = joined.member_id;
    row->is_new = joined.is_new;
    for (int64_t i = 0; i < row->tags.count; i++) {
        int64_t tag_id = 0;
        IntList one = { .items = &row->member_id, .count = 1 };
        if (row->tags.items[i].len == 0) continue;
        TRY(tag_named(c, row->tags.items[i], &tag_id));
        TRY(tag_add(c, tag_id, &one, S("import"), NULL));
    }
    return OK;
}

Err member_import_batch(Ctx *c, MemberImportRow *rows, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        MemberImportRow *row = &rows[i];
        row->code = NULL;
        Err err = import_row(c, row);
        if (err == OK) continue;
        if (err == E_BUSY || err == E_INTERNAL || c->problem.code == NULL) return err;
        if (err == E_STALE || str_starts(str_of(c->problem.code), S("identity.taken"))) return err;
        row->code = c->problem.code;
        row->zh = c->problem.zh;
        row->en = c->problem.en;
        problem_clear(c);
    }
    return OK;
}
