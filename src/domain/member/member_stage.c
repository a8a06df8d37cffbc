#include "domain/member/member_inside.h"

enum { STAGE_BATCH = 1000 };

/* The rules that a merchant reads on the settings page, in this order: quiet for lost_days is lost, for sleeping_days
 * asleep; who never joined is a customer with orders and a visitor without; regular_orders make a regular. */
MemberStage member_stage_wanted(const MemberCard *card, const MemberSetting *setting, int64_t now) {
    int64_t last = card->last_order_at;
    if (card->joined_at > last) last = card->joined_at;
    if (card->created_at > last) last = card->created_at;
    int64_t quiet_days = (now - last) / DAY_MS;
    bool is_known = card->joined_at != 0 || card->orders > 0;
    if (is_known && setting->lost_days > 0 && quiet_days >= setting->lost_days) return STAGE_LOST;
    if (is_known && setting->sleeping_days > 0 && quiet_days >= setting->sleeping_days) return STAGE_SLEEPING;
    if (card->joined_at == 0) return card->orders > 0 ? STAGE_CUSTOMER : STAGE_VISITOR;
    return card->orders >= setting->regular_orders ? STAGE_REGULAR : STAGE_MEMBER;
}

/* Once a day over all living members, a bounded run at a time; where it stands is kept, so a stop loses nothing. */
Err member_stage_job(Ctx *c, int64_t due_at, bool *ret_more) {
    MemberSetting setting = { 0 };
    MemberCards cards = { 0 };
    int64_t above = 0, changed = 0;
    TRY(setting_get(c, &member_setting, &setting));
    TRY(member_stage_run_read(c, due_at, &above));
    TRY(member_walk(c, above, STAGE_BATCH, &cards));
    for (int64_t i = 0; i < cards.count; i++) {
        const MemberCard *card = &cards.items[i];
        MemberStage wanted = member_stage_wanted(card, &setting, c->now);
        if (wanted == card->stage) continue;
        TRY(member_stage_write(c, card->member_id, wanted));
        TRY(emit(c, &member_stage_changed, card->member_id,
                 &(MemberStageEvent){ card->member_id, str_of(member_stage_names[card->stage]),
                                      str_of(member_stage_names[wanted]) }));
        changed++;
    }
    *ret_more = cards.count == STAGE_BATCH;
    if (!*ret_more) return member_stage_run_purge(c, due_at + 1);
    return member_stage_run_write(c, due_at, cards.items[cards.count - 1].member_id, changed);
}
