/* The ladder by the merchant's hand: levels, presets, what a new merchant starts with. */
#include "domain/tag/tag.h"
#include "domain/tier/tier_rules.h"

const char *const tier_preset_names[] = { "metals", "discounts", "numbers", NULL };

static const Str benefit_birthday[] = { S_INIT("生日双倍积分") };

#define LEVEL(...)                                                                                                     \
    {                                                                                                                  \
        .tier = { __VA_ARGS__ }                                                                                        \
    }
/* 普通 / 银 / 金 / 钻石, by growth. */
static const Level metals[] = {
    LEVEL(.rank = 0, .key = S_INIT("normal"), .name = S_INIT("普通会员"), .name_en = S_INIT("Member"),
          .color = S_INIT("#8c8c8c")),
    LEVEL(.rank = 1, .key = S_INIT("silver"), .name = S_INIT("银卡会员"), .name_en = S_INIT("Silver"),
          .growth_min = 1000, .discount_bp = 9800, .points_multiplier_bp = 11000, .color = S_INIT("#a8b2bd")),
    LEVEL(.rank = 2, .key = S_INIT("gold"), .name = S_INIT("金卡会员"), .name_en = S_INIT("Gold"), .growth_min = 5000,
          .discount_bp = 9500, .points_multiplier_bp = 12000, .color = S_INIT("#d4a017"),
          .benefits = { (Str *)benefit_birthday, 1 }),
    LEVEL(.rank = 3, .key = S_INIT("diamond"), .name = S_INIT("钻石会员"), .name_en = S_INIT("Diamond"),
          .growth_min = 20000, .discount_bp = 9000, .points_multiplier_bp = 15000, .color = S_INIT("#3a6ea5"),
          .benefits = { (Str *)benefit_birthday, 1 }),
};
/* 0–100 → 9 折, 101–300 → 8 折, 301–500 → 7 折. */
static const Level discounts[] = {
    LEVEL(.rank = 0, .key = S_INIT("d9"), .name = S_INIT("九折会员"), .name_en = S_INIT("10% off"),
          .discount_bp = 9000),
    LEVEL(.rank = 1, .key = S_INIT("d8"), .name = S_INIT("八折会员"), .name_en = S_INIT("20% off"), .growth_min = 101,
          .discount_bp = 8000),
    LEVEL(.rank = 2, .key = S_INIT("d7"), .name = S_INIT("七折会员"), .name_en = S_INIT("30% off"), .growth_min = 301,
          .discount_bp = 7000),
};
/* V1 … V4, by what was spent or how often. */
static const Level numbers[] = {
    LEVEL(.rank = 0, .key = S_INIT("v1"), .name = S_INIT("V1"), .name_en = S_INIT("V1")),
    LEVEL(.rank = 1, .key = S_INIT("v2"), .name = S_INIT("V2"), .name_en = S_INIT("V2"), .spend_min_fen = 50000,
          .orders_min = 3, .discount_bp = 9800),
    LEVEL(.rank = 2, .key = S_INIT("v3"), .name = S_INIT("V3"), .name_en = S_INIT("V3"), .spend_min_fen = 300000,
          .orders_min = 20, .discount_bp = 9500),
    LEVEL(.rank = 3, .key = S_INIT("v4"), .name = S_INIT("V4"), .name_en = S_INIT("V4"), .spend_min_fen = 1000000,
          .orders_min = 60, .discount_bp = 9000),
};
static const struct {
    const Level *levels;
    int64_t count;
} presets[] = {
    { metals, COUNT_OF(metals) },
    { discounts, COUNT_OF(discounts) },
    { numbers, COUNT_OF(numbers) },
};

static Err refuse_unknown(Ctx *c) { return fail(c, E_NOT_FOUND, "tier.unknown", "没有这个等级", "no such level"); }

/* Thresholds moved: everybody is judged again, a batch at a time, by the job. */
static Err start_walk(Ctx *c) { return walk_put(c, &(TierWalk){ .is_running = true }); }

static Err tag_of(Ctx *c, const Tier *t, int64_t *ret_tag_id) {
    return tag_system(c, arena_print(c->arena, "tier:%.*s", (int)t->key.len, t->key.at), t->name, ret_tag_id);
}

static Err insert(Ctx *c, const Level *from, Tier *ret_tier) {
    Level level = *from;
    bool is_new = false;
    level.tier.tier_id = id_new(c);
    TRY(tag_of(c, &level.tier, &level.tier.tag_id));
    TRY(level_insert(c, &level, &is_new));
    if (!is_new) return fail(c, E_CONFLICT, "tier.key_taken", "代号或级别序号已被占用", "the key or the rank is taken");
    level.tier.version = 1;
    *ret_tier = level.tier;
    return OK;
}

Err tier_add(Ctx *c, const Tier *tier, Tier *ret_tier) {
    Levels levels = { 0 };
    TRY(level_list(c, &levels));
    if (levels.count >= TIERS_MAX)
        return fail(c, E_CONFLICT, "tier.many", "最多 %d 个等级", "at most %d levels", (int)TIERS_MAX);
    Level level = { .tier = *tier };
    TRY(insert(c, &level, ret_tier));
    TRY(audit(c, &(AuditNote){ .action = "tier.add",
                               .subject = "tier",
                               .subject_id = ret_tier->tier_id,
                               .fields = &tier_fields,
                               .after = ret_tier }));
    return start_walk(c);
}

static Err level_by_id(Ctx *c, const Levels *levels, int64_t tier_id, const Level **ret_level) {
    for (int64_t i = 0; i < levels->count; i++)
        if (levels->items[i].tier.tier_id == tier_id) {
            *ret_level = &levels->items[i];
            return OK;
        }
    return refuse_unknown(c);
}

Err tier_get(Ctx *c, int64_t tier_id, Tier *ret_tier) {
    Levels levels = { 0 };
    const Level *level = NULL;
    TRY(level_list(c, &levels));
    TRY(level_by_id(c, &levels, tier_id, &level));
    *ret_tier = level->tier;
    return OK;
}

Err tier_edit(Ctx *c, const Tier *tier, int64_t version, Tier *ret_tier) {
    Levels levels = { 0 };
    const Level *old = NULL;
    bool is_written = false;
    TRY(level_list(c, &levels));
    TRY(level_by_id(c, &levels, tier->tier_id, &old));
    if (version == 0) version = old->tier.version; /* If-Match: * */
    for (int64_t i = 0; i < levels.count; i++)
        if (levels.items[i].tier.rank == tier->rank && levels.items[i].tier.tier_id != tier->tier_id)
            return fail(c, E_CONFLICT, "tier.rank_taken", "已有同序号的等级", "another level has this rank");
    Level level = { .tier = *tier };
    level.tier.key = old->tier.key;
    level.tier.tag_id = old->tier.tag_id;
    TRY(level_update(c, &level, version, &is_written));
    if (!is_written)
        return fail(c, E_STALE, "tier.stale", "等级刚被别人改过，请刷新", "somebody else changed this level; reload");
    TRY(tag_of(c, &level.tier, &level.tier.tag_id));
    level.tier.version = version + 1;
    *ret_tier = level.tier;
    TRY(audit(c, &(AuditNote){ .action = "tier.edit",
                               .subject = "tier",
                               .subject_id = tier->tier_id,
                               .fields = &tier_fields,
                               .before = &old->tier,
                               .after = ret_tier }));
    return start_walk(c);
}

Err tier_remove(Ctx *c, int64_t tier_id) {
    Levels levels = { 0 };
    const Level *level = NULL;
    int64_t members = 0;
    TRY(level_list(c, &levels));
    TRY(level_by_id(c, &levels, tier_id, &level));
    if (level == levels.items && levels.count > 1)
        return fail(c, E_CONFLICT, "tier.lowest", "最低等级不能先删", "the lowest level goes last");
    TRY(level_members(c, tier_id, &members));
    if (members > 0) return fail(c, E_CONFLICT, "tier.in_use", "还有会员在这个等级", "members still have this level");
    TRY(audit(c, &(AuditNote){ .action = "tier.remove",
                               .subject = "tier",
                               .subject_id = tier_id,
                               .fields = &tier_fields,
                               .before = &level->tier }));
    return level_remove(c, tier_id);
}

/* The lowest level has the members who have not climbed: it keeps its row and takes the preset's terms. */
static Err become_lowest(Ctx *c, const Level *old, const Level *preset) {
    Level level = *preset;
    bool is_written = false;
    level.tier.tier_id = old->tier.tier_id;
    level.tier.key = old->tier.key;
    TRY(tag_of(c, &level.tier, &level.tier.tag_id));
    TRY(level_update(c, &level, old->tier.version, &is_written));
    return is_written
               ? OK
               : fail(c, E_STALE, "tier.stale", "等级刚被别人改过，请刷新", "somebody else changed this level; reload");
}

/* Replaces a ladder that nobody has climbed yet. */
Err tier_use_preset(Ctx *c, Str preset) {
    Levels levels = { 0 };
    int64_t members = 0, which = -1;
    Tier tier;
    for (int64_t i = 0; tier_preset_names[i] != NULL; i++)
        if (str_is(preset, tier_preset_names[i])) which = i;
    if (which < 0) return fail(c, E_NOT_FOUND, "tier.preset_unknown", "没有这套预设", "no such preset");
    TRY(level_list(c, &levels));
    for (int64_t i = 1; i < levels.count; i++) {
        TRY(level_members(c, levels.items[i].tier.tier_id, &members));
        if (members > 0)
            return fail(c, E_CONFLICT, "tier.in_use", "还有会员在这个等级", "members still have this level");
        TRY(level_remove(c, levels.items[i].tier.tier_id));
    }
    if (levels.count > 0) TRY(become_lowest(c, &levels.items[0], &presets[which].levels[0]));
    for (int64_t i = levels.count > 0 ? 1 : 0; i < presets[which].count; i++)
        TRY(insert(c, &presets[which].levels[i], &tier));
    return start_walk(c);
}

Err tier_install(Ctx *c) {
    Tier tier;
    for (int64_t i = 0; i < COUNT_OF(metals); i++) TRY(insert(c, &metals[i], &tier));
    return OK;
}
