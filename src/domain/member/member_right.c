#include "domain/member/member_inside.h"

const char *const member_right_names[] = { "buy", "earn", "spend_points", "use_coupons", "use_balance", NULL };

static int64_t bit_of(Str right) {
    for (int64_t i = 0; member_right_names[i] != NULL; i++) {
        if (str_is(right, member_right_names[i])) return (int64_t)1 << i;
    }
    return 0;
}

StrList member_right_list(Ctx *c, int64_t blocked) {
    StrList list = { .items = NEW_LIST(c->arena, Str, 8) };
    for (int64_t i = 0; member_right_names[i] != NULL; i++) {
        if (blocked & ((int64_t)1 << i)) list.items[list.count++] = str_of(member_right_names[i]);
    }
    return list;
}

/* Frozen and back. A merged or erased member stays what it is. */
Err member_freeze(Ctx *c, int64_t member_id, bool is_frozen, Str reason) {
    MemberCard card = { 0 };
    TRY(member_lock(c, member_id, &card));
    if (card.status == MEMBER_MERGED || card.status == MEMBER_ERASED) {
        return fail(c, E_CONFLICT, "member.not_living", "会员已合并或注销，不能再改",
                    "this member was merged or erased");
    }
    MemberStatus wanted = is_frozen ? MEMBER_FROZEN : MEMBER_ACTIVE;
    if (card.status == wanted) return OK;
    TRY(member_status_write(c, member_id, wanted, 0));
    return audit(c, &(AuditNote){ .action = is_frozen ? "member.freeze" : "member.unfreeze",
                                  .subject = "member",
                                  .subject_id = member_id,
                                  .reason = reason });
}

Err member_block_rights(Ctx *c, int64_t member_id, const StrList *rights, Str reason) {
    MemberCard card = { 0 };
    int64_t blocked = 0;
    TRY(member_lock(c, member_id, &card));
    for (int64_t i = 0; i < rights->count; i++) {
        int64_t bit = bit_of(rights->items[i]);
        if (bit == 0) {
            return fail(c, E_INVALID, "member.right_unknown", "没有这项权利：%.*s", "no such right: %.*s",
                        (int)rights->items[i].len, rights->items[i].at);
        }
        blocked |= bit;
    }
    for (int64_t i = 0; member_right_names[i] != NULL; i++) {
        int64_t bit = (int64_t)1 << i;
        Str name = str_of(member_right_names[i]);
        MemberBlock block = { .right_name = name, .right_bit = bit, .reason = reason, .staff_id = c->actor.id };
        if (blocked & bit)
            TRY(member_block_put(c, member_id, &block));
        else if (card.blocked & bit)
            TRY(member_block_delete(c, member_id, name));
    }
    TRY(member_blocked_write(c, member_id, blocked));
    MemberCard after = card;
    after.blocked = blocked;
    return audit(c, &(AuditNote){ .action = "member.block_rights",
                                  .subject = "member",
                                  .subject_id = member_id,
                                  .reason = reason,
                                  .fields = &member_card_fields,
                                  .before = &card,
                                  .after = &after });
}
