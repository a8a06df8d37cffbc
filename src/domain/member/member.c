#include "base/code.h"
#include "base/day.h"
#include "base/text.h"
#include "domain/member/member_inside.h"

Err member_not_found(Ctx *c) { return fail(c, E_NOT_FOUND, "member.not_found", "没有这位会员", "no such member"); }

Err member_card(Ctx *c, int64_t member_id, MemberCard *ret_card) {
    bool is_found = false;
    TRY(member_card_read(c, member_id, ret_card, &is_found));
    return is_found ? OK : member_not_found(c);
}

Err member_living(Ctx *c, int64_t member_id, int64_t *ret_member_id) {
    int64_t at = member_id;
    for (int hop = 0; hop < MEMBER_MERGE_HOPS; hop++) {
        int64_t into = 0;
        bool is_found = false;
        TRY(member_merged_into(c, at, &into, &is_found));
        if (!is_found) return member_not_found(c);
        if (into == 0) {
            *ret_member_id = at;
            return OK;
        }
        at = into;
    }
    return member_not_found(c);
}

Err member_cards(Ctx *c, const IntList *member_ids, MemberCards *ret_cards) {
    ret_cards->items = NEW_LIST(c->arena, MemberCard, member_ids->count + 1);
    ret_cards->count = 0;
    for (int64_t i = 0; i < member_ids->count; i++) {
        bool is_found = false;
        TRY(member_card_read(c, member_ids->items[i], &ret_cards->items[ret_cards->count], &is_found));
        if (is_found) ret_cards->count++;
    }
    return OK;
}

Str member_name_mask(Arena *a, Str name) { return text_mask_name(a, name); }

/* ---- rights ---- */

static Err refuse_blocked(Ctx *c, unsigned missing) {
    if (missing & RIGHT_BUY)
        return fail(c, E_CONFLICT, "member.blocked", "该会员已被限制购买", "this member may not buy");
    if (missing & RIGHT_SPEND_POINTS) {
        return fail(c, E_CONFLICT, "member.blocked_points", "该会员已被限制使用积分",
                    "this member may not spend points");
    }
    if (missing & RIGHT_USE_COUPONS) {
        return fail(c, E_CONFLICT, "member.blocked_coupons", "该会员已被限制用券", "this member may not use coupons");
    }
    if (missing & RIGHT_USE_BALANCE) {
        return fail(c, E_CONFLICT, "member.blocked_balance", "该会员已被限制使用余额",
                    "this member may not use the balance");
    }
    return fail(c, E_CONFLICT, "member.blocked_earn", "该会员已被限制获得积分", "this member may not earn points");
}

static Err refuse_merged(Ctx *c, int64_t member_id) {
    int64_t into_id = 0;
    TRY(member_living(c, member_id, &into_id));
    fail_number(c, "into_id", into_id);
    return fail(c, E_CONFLICT, "member.merged", "该会员已合并到另一位会员", "this member was merged into another one");
}

Err member_card_need_right(Ctx *c, const MemberCard *card, unsigned rights) {
    unsigned missing = (unsigned)card->blocked & rights;
    switch (card->status) {
    case MEMBER_ACTIVE:
        return missing == 0 ? OK : refuse_blocked(c, missing);
    case MEMBER_FROZEN:
        return fail(c, E_CONFLICT, "member.frozen", "会员已被冻结", "this member is frozen");
    case MEMBER_ERASED:
        return fail(c, E_CONFLICT, "member.erased", "会员资料已注销", "this member has been erased");
    case MEMBER_MERGED:
        break;
    }
    return refuse_merged(c, card->member_id);
}

Err member_need_right(Ctx *c, int64_t member_id, unsigned rights) {
    MemberCard card = { 0 };
    TRY(member_card(c, member_id, &card));
    return member_card_need_right(c, &card, rights);
}

Err member_lock(Ctx *c, int64_t member_id, MemberCard *ret_card) {
    bool is_found = false;
    TRY(member_card_lock(c, member_id, ret_card, &is_found));
    return is_found ? OK : member_not_found(c);
}

/* In the order of ids, so that two that lock the same members never wait for each other crosswise. */
Err member_lock_two(Ctx *c, int64_t one_id, int64_t other_id) {
    MemberCard card = { 0 };
    TRY(member_lock(c, one_id < other_id ? one_id : other_id, &card));
    return member_lock(c, one_id < other_id ? other_id : one_id, &card);
}

Err member_summary_put(Ctx *c, int64_t member_id, const MemberSummary *summary) {
    bool is_written = false;
    TRY(member_summary_write(c, member_id, summary, &is_written));
    return is_written ? OK : refuse_merged(c, member_id);
}

/* ---- birthdays ---- */

int64_t member_birthday_in(const MemberCard *card, int64_t year) {
    if (card->birth_month == 0 || card->birth_day == 0) return 0;
    if (!card->birth_is_lunar) return day_in_year(year, card->birth_month * 100 + card->birth_day);
    /* The lunar year that begins in `year` reaches into the next; its last months are the ones of early `year`. */
    int64_t day = lunar_birthday_in(year - 1, card->birth_month, card->birth_day, false);
    if (day != 0 && day_year(day) == year) return day;
    day = lunar_birthday_in(year, card->birth_month, card->birth_day, false);
    return day != 0 && day_year(day) == year ? day : 0;
}

bool member_is_birthday(const MemberCard *card, int64_t day) {
    return card->birth_month != 0 && member_birthday_in(card, day_year(day)) == day;
}

bool member_is_birthday_month(const MemberCard *card, int64_t day) {
    int64_t birthday = member_birthday_in(card, day_year(day));
    return birthday != 0 && day_month(birthday) == day_month(day);
}

/* ---- the look-up of the tills ---- */

Str member_code(Ctx *c, const MemberCard *card, int64_t step) {
    unsigned char out[MAC_LEN];
    Str text = arena_print(c->arena, "member-code\x1f%lld\x1f%lld\x1f%lld", (long long)c->merchant_id,
                           (long long)card->member_id, (long long)step);
    mac(&c->app->keys.cursor, text.at, text.len, out);
    uint32_t number = ((uint32_t)out[0] << 24 | (uint32_t)out[1] << 16 | (uint32_t)out[2] << 8 | out[3]) % 1000000;
    return arena_print(c->arena, "%.*s%06u", (int)card->member_no.len, card->member_no.at, number);
}

static Err lookup_code(Ctx *c, Str typed, MemberCard *ret_card) {
    MemberCard card = { 0 };
    bool is_found = false;
    Str code = str_trim(typed);
    if (code.len == MEMBER_CODE_LEN) { TRY(member_card_by_no(c, str_slice(code, 0, MEMBER_NO_LEN), &card, &is_found)); }
    int64_t step = c->now / MEMBER_CODE_STEP_MS;
    for (int64_t back = 0; is_found && back < 2; back++) {
        Str right = member_code(c, &card, step - back);
        if (right.len != code.len || !crypto_same(right.at, code.at, code.len)) continue;
        *ret_card = card;
        return OK;
    }
    return fail(c, E_NOT_FOUND, "member.code_wrong", "会员码不对或已过期，请会员刷新",
                "this member code is wrong or has expired");
}

/* The number printed on an old card goes on working after a merge. */
static Err follow(Ctx *c, MemberCard *card) {
    int64_t living_id = 0;
    if (card->status != MEMBER_MERGED) return OK;
    TRY(member_living(c, card->member_id, &living_id));
    return member_card(c, living_id, card);
}

bool member_lookup_identity(const MemberLookup *in, IdentityValue *ret_value) {
    if (in->phone.len > 0)
        *ret_value = (IdentityValue){ .kind = IDENTITY_PHONE, .value = in->phone };
    else if (in->card.len > 0)
        *ret_value = (IdentityValue){ .kind = IDENTITY_CARD, .value = in->card };
    else
        *ret_value = (IdentityValue){ .kind = IDENTITY_EXTERNAL, .provider = in->provider, .value = in->external };
    return in->code.len == 0 && in->member_no.len == 0 && ret_value->value.len > 0;
}

Err member_lookup(Ctx *c, const MemberLookup *in, MemberCard *ret_card) {
    IdentityValue value = { 0 };
    bool is_found = false;
    if (member_lookup_identity(in, &value)) {
        Bytes key = { 0 };
        TRY(identity_key(c, &value, &key));
        TRY(member_card_by_key(c, key, ret_card, &is_found));
        return is_found ? OK : member_not_found(c);
    }
    if (in->code.len > 0) return lookup_code(c, in->code, ret_card);
    if (in->member_no.len > 0) {
        Str digits = { 0 };
        if (!number_code_read(c->arena, in->member_no, &digits)) {
            return fail(c, E_INVALID, "member.no_wrong", "会员号输入有误", "this member number is mistyped");
        }
        TRY(member_card_by_no(c, digits, ret_card, &is_found));
        return is_found ? follow(c, ret_card) : member_not_found(c);
    }
    return fail(c, E_INVALID, "member.lookup_what", "请给出手机号、卡号、会员号或会员码",
                "say a phone, card, member number, code or external id");
}
