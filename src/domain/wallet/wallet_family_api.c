#include "domain/wallet/wallet_api.h"

typedef struct FamilyAsk {
    int64_t member_id, payment_most_fen, day_most_fen, month_most_fen;
    Str member_no, reason;
    bool accept, pays_own;
} FamilyAsk;
#define ASK(name_text, table)                                                                                          \
    { .name = name_text, .size = sizeof(FamilyAsk), .field = (table), .count = COUNT_OF(table), .given_at = -1 }
#define LIMITS                                                                                                         \
    FIELD(FamilyAsk, payment_most_fen, .max = WALLET_AMOUNT_MAX_FEN, .about = "0 = no limit"),                         \
        FIELD(FamilyAsk, day_most_fen, .max = WALLET_AMOUNT_MAX_FEN),                                                  \
        FIELD(FamilyAsk, month_most_fen, .max = WALLET_AMOUNT_MAX_FEN)
static const Field ask_field[] = { FIELD_ID(FamilyAsk, member_id, .need = true) };
const Fields wallet_family_ask_fields = ASK("WalletFamilyAsk", ask_field);
static const Field staff_field[] = { FIELD_ID(FamilyAsk, member_id, .need = true),
                                     FIELD(FamilyAsk, reason, .need = true, .max = 200) };
const Fields wallet_family_staff_fields = ASK("WalletFamilyRemove", staff_field);
static const Field invite_field[] = { FIELD(FamilyAsk, member_no, .need = true, .max = 40), LIMITS };
const Fields wallet_family_invite_fields = ASK("WalletFamilyInvite", invite_field);
static const Field change_field[] = { FIELD_ID(FamilyAsk, member_id, .need = true), LIMITS };
const Fields wallet_family_change_fields = ASK("WalletFamilyChange", change_field);
static const Field answer_field[] = { FIELD(FamilyAsk, accept) };
const Fields wallet_family_answer_fields = ASK("WalletFamilyAnswer", answer_field);
static const Field choice_field[] = { FIELD(FamilyAsk, pays_own, .about = "true = from my own account") };
const Fields wallet_family_choice_fields = ASK("WalletFamilyChoice", choice_field);
static const Field page_field[] = { FIELD_LIST(WalletFamilyPage, items, wallet_family_fields),
                                    FIELD(WalletFamilyPage, next_cursor) };
const Fields WalletFamilyPage_fields = FIELDS(WalletFamilyPage, page_field);

static Err with_name(Ctx *c, WalletFamily *f, int64_t of_id) {
    MemberCard card;
    TRY(member_card(c, of_id, &card));
    f->name = member_name_mask(c->arena, card.name);
    return OK;
}

/* Whom I share with; and, last, whose family I belong to (or am invited to). */
static Err family_of(Ctx *c, int64_t member_id, WalletFamilyPage *out) {
    WalletFamilies list = { 0 };
    WalletFamily mine;
    bool found = false;
    TRY(wallet_family_list(c, member_id, &list));
    TRY(wallet_family_read(c, member_id, &mine, &found));
    out->items.items = NEW_LIST(c->arena, WalletFamily, list.count + 1);
    for (int64_t i = 0; i < list.count; i++) {
        out->items.items[out->items.count] = list.items[i];
        TRY(with_name(c, &out->items.items[out->items.count++], list.items[i].member_id));
    }
    if (!found || mine.status == FAMILY_ENDED) return OK;
    TRY(with_name(c, &mine, mine.owner_id));
    out->items.items[out->items.count++] = mine;
    return OK;
}

Err wallet_get_my_family(Ctx *c, const void *body, void *ret) {
    (void)body;
    return family_of(c, auth_member(c), ret);
}

Err wallet_get_family(Ctx *c, const void *body, void *ret) {
    return family_of(c, ((const FamilyAsk *)body)->member_id, ret);
}

static WalletFamily limits_of(const FamilyAsk *in, int64_t member_id, int64_t owner_id) {
    return (WalletFamily){ .member_id = member_id,
                           .owner_id = owner_id,
                           .payment_most_fen = in->payment_most_fen,
                           .day_most_fen = in->day_most_fen,
                           .month_most_fen = in->month_most_fen };
}

Err wallet_post_my_family(Ctx *c, const void *body, void *ret) {
    const FamilyAsk *in = body;
    MemberCard card;
    TRY(member_lookup(c, &(MemberLookup){ .member_no = in->member_no }, &card));
    WalletFamily family = limits_of(in, card.member_id, auth_member(c));
    return wallet_family_invite(c, &family, ret);
}

Err wallet_put_my_family(Ctx *c, const void *body, void *ret) {
    const FamilyAsk *in = body;
    WalletFamily family = limits_of(in, in->member_id, auth_member(c));
    return wallet_family_change(c, &family, ret);
}

Err wallet_post_my_family_answer(Ctx *c, const void *body, void *ret) {
    return wallet_family_answer(c, auth_member(c), ((const FamilyAsk *)body)->accept, ret);
}

Err wallet_post_my_family_choice(Ctx *c, const void *body, void *ret) {
    return wallet_family_choose(c, auth_member(c), ((const FamilyAsk *)body)->pays_own, ret);
}

Err wallet_post_my_family_leave(Ctx *c, const void *body, void *ret) {
    (void)body;
    return wallet_family_leave(c, auth_member(c), 0, ret);
}

Err wallet_post_my_family_remove(Ctx *c, const void *body, void *ret) {
    return wallet_family_leave(c, ((const FamilyAsk *)body)->member_id, auth_member(c), ret);
}

Err wallet_post_family_remove(Ctx *c, const void *body, void *ret) {
    const FamilyAsk *in = body;
    TRY(wallet_family_leave(c, in->member_id, 0, ret));
    return audit(c, &(AuditNote){ .action = "wallet.family_remove",
                                  .subject = "member",
                                  .subject_id = in->member_id,
                                  .reason = in->reason });
}
