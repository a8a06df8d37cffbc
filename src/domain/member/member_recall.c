/* The look-up of the tills, as it is shown. Who was found once is found again without the database, until anything that
 * is shown changes: every write of a card or an identity says so (memo_forget in the two stores). */
#include <string.h>
#include "app/memo.h"
#include "base/text.h"
#include "domain/member/member_inside.h"

/* What is shown of a card, and the texts behind it in this order. */
typedef struct Kept {
    int64_t member_id, tier_id, points, growth;
    uint8_t status, stage, blocked, birth_month, birth_day, birth_is_lunar;
    uint8_t no_len, name_len, tier_len, phone_len;
} Kept;

static void keep(Ctx *c, Bytes key, const MemberCard *card, Str phone) {
    if (card->name.len > MEMO_VALUE_MAX || card->tier_name.len > MEMO_VALUE_MAX || phone.len > MEMO_VALUE_MAX) return;
    Kept kept = {
        .member_id = card->member_id,
        .tier_id = card->tier_id,
        .points = card->points,
        .growth = card->growth,
        .status = (uint8_t)card->status,
        .stage = (uint8_t)card->stage,
        .blocked = (uint8_t)card->blocked,
        .birth_month = (uint8_t)card->birth_month,
        .birth_day = (uint8_t)card->birth_day,
        .birth_is_lunar = card->birth_is_lunar,
        .no_len = (uint8_t)card->member_no.len,
        .name_len = (uint8_t)card->name.len,
        .tier_len = (uint8_t)card->tier_name.len,
        .phone_len = (uint8_t)phone.len,
    };
    Str value = ARENA_JOIN(c->arena, ((Str){ (const char *)&kept, sizeof kept }), card->member_no, card->name,
                           card->tier_name, phone);
    memo_keep(c, key, card->member_id, (Bytes){ (const unsigned char *)value.at, value.len });
}

static Str next_text(const char **at, int64_t len) {
    *at += len;
    return (Str){ *at - len, len };
}

static bool recall(Ctx *c, Bytes key, MemberCard *ret_card, Str *ret_phone) {
    Bytes value = { 0 };
    Kept kept;
    if (!memo_find(c, key, &value)) return false;
    memcpy(&kept, value.at, sizeof kept);
    const char *at = (const char *)value.at + sizeof kept;
    Str no = next_text(&at, kept.no_len), name = next_text(&at, kept.name_len), tier = next_text(&at, kept.tier_len);
    *ret_card = (MemberCard){
        .member_id = kept.member_id,
        .member_no = no,
        .name = name,
        .status = kept.status,
        .stage = kept.stage,
        .blocked = kept.blocked,
        .tier_id = kept.tier_id,
        .tier_name = tier,
        .points = kept.points,
        .growth = kept.growth,
        .birth_month = kept.birth_month,
        .birth_day = kept.birth_day,
        .birth_is_lunar = kept.birth_is_lunar != 0,
    };
    *ret_phone = next_text(&at, kept.phone_len);
    return true;
}

Str member_phone_mask(Ctx *c, Str typed) {
    Str phone = { 0 };
    return text_phone(c->arena, typed, &phone) ? text_mask_phone(c->arena, phone) : (Str){ 0 };
}

/* Who came by phone knows the phone: no need to open the sealed one. */
static Err find_shown(Ctx *c, const IdentityValue *value, Bytes key, MemberCard *ret_card, Str *ret_phone) {
    Bytes sealed = { 0 };
    bool is_found = false, is_phone = value->kind == IDENTITY_PHONE;
    TRY(is_phone ? member_card_by_key(c, key, ret_card, &is_found)
                 : member_found_by_key(c, key, ret_card, &sealed, &is_found));
    if (!is_found) return member_not_found(c);
    *ret_phone = is_phone ? member_phone_mask(c, value->value) : identity_sealed_phone_mask(c, sealed);
    keep(c, key, ret_card, *ret_phone);
    return OK;
}

Err member_lookup_shown(Ctx *c, const MemberLookup *in, MemberCard *ret_card, Str *ret_phone) {
    IdentityValue value = { 0 };
    Bytes key = { 0 };
    if (!member_lookup_identity(in, &value)) {
        TRY(member_lookup(c, in, ret_card));
        return identity_phone_mask(c, ret_card->member_id, ret_phone);
    }
    TRY(identity_key(c, &value, &key));
    return recall(c, key, ret_card, ret_phone) ? OK : find_shown(c, &value, key, ret_card, ret_phone);
}
