/* event/member - 会员事件: facts about members that others may follow. No personal data in a payload: ids, kinds. */
#pragma once
#include "app/event.h"

typedef struct MemberJoinedEvent {
    int64_t member_id, shop_id, inviter_id;
    Str channel;
    bool is_import;
} MemberJoinedEvent;
/* is_completed: the profile became complete for the first time. */
typedef struct MemberUpdatedEvent {
    int64_t member_id;
    bool is_completed;
} MemberUpdatedEvent;
typedef struct MemberMergedEvent {
    int64_t merge_id, from_id, into_id;
    bool is_undone;
} MemberMergedEvent;
typedef struct MemberErasedEvent {
    int64_t member_id;
} MemberErasedEvent;
typedef struct MemberStageEvent {
    int64_t member_id;
    Str from_stage, to_stage;
} MemberStageEvent;

extern const EventType member_joined, member_updated, member_merged, member_erased, member_stage_changed;
