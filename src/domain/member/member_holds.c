#include "domain/member/member_inside.h"

static Err hold_cards(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM member_card WHERE merchant_id = $1",
        "SELECT k.member_id AS id, 1 AS want, 0 AS have FROM member_card k WHERE k.merchant_id = $1 AND NOT EXISTS"
        " (SELECT 1 FROM member m WHERE m.merchant_id = k.merchant_id AND m.member_id = k.member_id)");
}
static Err hold_profiles(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM member WHERE merchant_id = $1",
        "SELECT m.member_id AS id, 1 AS want, 0 AS have FROM member m WHERE m.merchant_id = $1 AND NOT EXISTS"
        " (SELECT 1 FROM member_card k WHERE k.merchant_id = m.merchant_id AND k.member_id = m.member_id)");
}
static Err hold_merged(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM member_card WHERE merchant_id = $1 AND status = 'merged'",
        "SELECT k.member_id AS id, k.merged_into AS want, 0 AS have FROM member_card k WHERE k.merchant_id = $1"
        " AND ((k.status = 'merged') <> (k.merged_into <> 0) OR (k.merged_into <> 0 AND NOT EXISTS (SELECT 1"
        " FROM member_card i WHERE i.merchant_id = $1 AND i.member_id = k.merged_into)))");
}
static Err hold_erased(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM member_card WHERE merchant_id = $1 AND status = 'erased'",
        "SELECT k.member_id AS id, 0 AS want, 1 AS have FROM member_card k JOIN member m ON m.merchant_id = "
        "k.merchant_id"
        " AND m.member_id = k.member_id WHERE k.merchant_id = $1 AND k.status = 'erased' AND (k.name <> ''"
        " OR k.birth_month <> 0 OR m.addresses <> '[]' OR m.custom <> '{}')");
}
static Err hold_words(Ctx *c, HoldReport *report) {
    return hold_by_sql(c, report, "SELECT COUNT(*) FROM member_word WHERE merchant_id = $1",
                       "SELECT w.member_id AS id, 0 AS want, 1 AS have FROM member_word w JOIN member_card k ON"
                       " k.merchant_id = w.merchant_id AND k.member_id = w.member_id"
                       " WHERE w.merchant_id = $1 AND (k.name = '' OR k.status = 'merged')");
}
static Err hold_blocked(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM member_block WHERE merchant_id = $1",
        "SELECT b.member_id AS id, CAST(SUM(b.right_bit) AS BIGINT) AS want, k.blocked AS have FROM member_block b"
        " JOIN member_card k ON k.merchant_id = b.merchant_id AND k.member_id = b.member_id WHERE b.merchant_id = $1"
        " GROUP BY b.member_id, k.blocked HAVING SUM(b.right_bit) <> k.blocked");
}

const Hold member_holds[MEMBER_HOLDS] = {
    { "member.every_card_has_its_profile", hold_cards },
    { "member.every_profile_has_its_card", hold_profiles },
    { "member.merged_ones_point_at_another", hold_merged },
    { "member.erased_ones_keep_nothing_personal", hold_erased },
    { "member.nobody_is_found_by_a_name_that_is_gone", hold_words },
    { "member.blocked_rights_are_their_entries", hold_blocked },
};
