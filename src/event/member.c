#include "event/member.h"

static const Field joined_field[] = {
    FIELD_ID(MemberJoinedEvent, member_id),  FIELD_ID(MemberJoinedEvent, shop_id),
    FIELD_ID(MemberJoinedEvent, inviter_id), FIELD(MemberJoinedEvent, channel),
    FIELD(MemberJoinedEvent, is_import),
};
static const Fields joined_fields = FIELDS(MemberJoinedEvent, joined_field);
const EventType member_joined = { "member.joined", &joined_fields };

static const Field updated_field[] = {
    FIELD_ID(MemberUpdatedEvent, member_id),
    FIELD(MemberUpdatedEvent, is_completed),
};
static const Fields updated_fields = FIELDS(MemberUpdatedEvent, updated_field);
const EventType member_updated = { "member.updated", &updated_fields };

static const Field merged_field[] = {
    FIELD_ID(MemberMergedEvent, merge_id),
    FIELD_ID(MemberMergedEvent, from_id),
    FIELD_ID(MemberMergedEvent, into_id),
    FIELD(MemberMergedEvent, is_undone),
};
static const Fields merged_fields = FIELDS(MemberMergedEvent, merged_field);
const EventType member_merged = { "member.merged", &merged_fields };

static const Field erased_field[] = { FIELD_ID(MemberErasedEvent, member_id) };
static const Fields erased_fields = FIELDS(MemberErasedEvent, erased_field);
const EventType member_erased = { "member.erased", &erased_fields };

static const Field stage_field[] = {
    FIELD_ID(MemberStageEvent, member_id),
    FIELD(MemberStageEvent, from_stage),
    FIELD(MemberStageEvent, to_stage),
};
static const Fields stage_fields = FIELDS(MemberStageEvent, stage_field);
const EventType member_stage_changed = { "member.stage_changed", &stage_fields };
