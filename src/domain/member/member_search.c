#include <string.h>
#include "base/code.h"
#include "base/text.h"
#include "domain/member/member_inside.h"

/* ---- the search forms of a name ---- */

static void add_word(MemberWords *words, Str word) {
    Bytes bytes = { (const unsigned char *)word.at, word.len };
    if (word.len == 0 || words->count == 4) return;
    for (int64_t i = 0; i < words->count; i++) {
        if (bytes_equal(words->words[i], bytes)) return;
    }
    words->words[words->count++] = bytes;
}

/* 张三丰: 张三丰, 三丰, zhangsanfeng, zsf. Anna Smith: anna smith, smith, annasmith, as. */
void member_words_of(Arena *a, Str name, MemberWords *ret_words) {
    MemberWords words = { 0 };
    Str form = text_search_form(a, name), before, after;
    int64_t at = 0;
    Pinyin pinyin = text_pinyin(a, name, true);
    add_word(&words, form);
    if (str_cut(form, ' ', &before, &after))
        add_word(&words, after);
    else if (text_next(form, &at) > 0x2E80)
        add_word(&words, str_slice(form, at, form.len));
    add_word(&words, pinyin.full);
    add_word(&words, pinyin.initials);
    *ret_words = words;
}

Err member_words_keep(Ctx *c, int64_t member_id, Str name) {
    MemberWords words;
    member_words_of(c->arena, name, &words);
    return member_words_insert(c, member_id, &words);
}

Err member_words_forget(Ctx *c, int64_t member_id, Str name) {
    MemberWords words;
    member_words_of(c->arena, name, &words);
    return member_words_delete(c, member_id, &words);
}

/* ---- search ---- */

static bool is_kept(const MemberCard *card, const MemberFilter *f) {
    if (f->status.len > 0 && !str_is(f->status, member_status_names[card->status])) return false;
    if (f->stage.len > 0 && !str_is(f->stage, member_stage_names[card->stage])) return false;
    if (f->shop_id != 0 && f->shop_id != card->shop_id) return false;
    if (f->tier_id != 0 && f->tier_id != card->tier_id) return false;
    if (card->created_at < f->created_from) return false;
    return f->created_until == 0 || card->created_at < f->created_until;
}

typedef struct Wanted {
    const MemberFilter *filter;
    int64_t below_id, limit;
    MemberPage *page;
} Wanted;

static Err keep(Ctx *c, const Wanted *w, const MemberCard *card, bool is_tagged) {
    bool has = true;
    if (card->member_id >= w->below_id || !is_kept(card, w->filter)) return OK;
    if (w->filter->tag_id != 0 && !is_tagged) TRY(tag_has(c, card->member_id, w->filter->tag_id, &has));
    if (has && w->page->items.count < w->limit) w->page->items.items[w->page->items.count++] = *card;
    return OK;
}

/* Ids come in runs, newest first; each run is read and filtered until the page is full or the ids end. */
typedef Err (*NextIds)(Ctx *c, const Wanted *w, int64_t below_id, IntList *ret_ids);

enum { RUN = 100, RUNS_MAX = 50 };

static Err ids_of_tag(Ctx *c, const Wanted *w, int64_t below_id, IntList *ret_ids) {
    return tag_members(c, w->filter->tag_id, below_id, RUN, ret_ids);
}

static Err ids_of_tail(Ctx *c, const Wanted *w, int64_t below_id, IntList *ret_ids) {
    return identity_find_tail(c, w->filter->q, below_id, RUN, ret_ids);
}

static Err page_of_ids(Ctx *c, const Wanted *w, NextIds next, bool is_tagged, int64_t *ret_last_id) {
    int64_t below = w->below_id;
    *ret_last_id = 0;
    for (int run = 0; run < RUNS_MAX; run++) {
        IntList ids = { 0 };
        MemberCards cards = { 0 };
        TRY(next(c, w, below, &ids));
        if (ids.count == 0) return OK;
        TRY(member_cards(c, &ids, &cards));
        for (int64_t i = 0; i < cards.count && w->page->items.count < w->limit; i++) {
            TRY(keep(c, w, &cards.items[i], is_tagged));
            *ret_last_id = cards.items[i].member_id;
        }
        if (w->page->items.count == w->limit) return OK;
        below = ids.items[ids.count - 1];
        *ret_last_id = below;
        if (ids.count < RUN) {
            *ret_last_id = 0;
            return OK;
        }
    }
    return OK;
}

/* Whole values: phone, e-mail, card, external id, member number. Few hits, one page. */
static Err page_of_exact(Ctx *c, const Wanted *w, Str q) {
    static const IdentityKind kinds[] = { IDENTITY_PHONE, IDENTITY_EMAIL, IDENTITY_CARD, IDENTITY_EXTERNAL };
    int64_t found[COUNT_OF(kinds) + 1];
    int64_t count = 0;
    for (int64_t i = 0; i < COUNT_OF(kinds); i++) {
        IdentityValue norm;
        int64_t member_id = 0;
        if (identity_normalise(c, &(IdentityValue){ .kind = kinds[i], .value = q }, &norm) != OK) {
            problem_clear(c); /* not of this form: nobody can have it */
            continue;
        }
        TRY(identity_find(c, &norm, &member_id));
        if (member_id != 0) found[count++] = member_id;
    }
    Str digits = { 0 };
    MemberCard card = { 0 };
    bool is_found = false;
    if (number_code_read(c->arena, q, &digits) && digits.len == MEMBER_NO_LEN) {
        TRY(member_card_by_no(c, digits, &card, &is_found));
        if (is_found) found[count++] = card.member_id;
    }
    for (int64_t i = 0; i < count; i++) {
        bool is_again = false;
        for (int64_t k = 0; k < i; k++) is_again = is_again || found[k] == found[i];
        if (is_again) continue;
        TRY(member_card(c, found[i], &card));
        TRY(keep(c, w, &card, false));
    }
    return OK;
}

static Err page_of_word(Ctx *c, const Wanted *w, Str q, int64_t *ret_last_id) {
    Str form = text_search_form(c->arena, q);
    char *end = NEW_LIST(c->arena, char, form.len + 1);
    MemberCards cards = { 0 };
    *ret_last_id = 0;
    if (form.len == 0) return OK;
    memcpy(end, form.at, (size_t)form.len);
    end[form.len] = (char)0xFF; /* no UTF-8 text has this byte, so it lies behind every word that goes on */
    TRY(member_page_of_word(c, w->filter, (Bytes){ (const unsigned char *)form.at, form.len },
                            (Bytes){ (const unsigned char *)end, form.len + 1 }, w->below_id, w->limit, &cards));
    for (int64_t i = 0; i < cards.count; i++) TRY(keep(c, w, &cards.items[i], false));
    if (cards.count == w->limit) *ret_last_id = cards.items[cards.count - 1].member_id;
    return OK;
}

static bool is_digits(Str s, int64_t len) {
    for (int64_t i = 0; i < s.len; i++) {
        if (s.at[i] < '0' || s.at[i] > '9') return false;
    }
    return s.len == len;
}

/* Has a digit or an @: may be a whole number, card or address. */
static bool may_be_value(Str q) {
    for (int64_t i = 0; i < q.len; i++) {
        if ((q.at[i] >= '0' && q.at[i] <= '9') || q.at[i] == '@') return true;
    }
    return false;
}

static Err refuse_followed(Ctx *c) {
    return fail(c, E_INVALID, "member.search_followed", "按变更时间查询时不能再加搜索词或标签",
                "updated_since goes with neither q nor tag_id");
}

Err member_search(Ctx *c, const MemberFilter *filter, Str cursor, int64_t limit, MemberPage *ret_page) {
    int64_t below_id = 0, after_at = 0, last_id = 0, last_at = 0;
    MemberFilter f = *filter;
    f.q = str_trim(filter->q);
    TRY(page_open(c, cursor, &below_id, &after_at));
    Wanted w = { .filter = &f,
                 .below_id = below_id == 0 ? INT64_MAX : below_id,
                 .limit = limit > 0 ? limit : PAGE_DEFAULT,
                 .page = ret_page };
    ret_page->items.items = NEW_LIST(c->arena, MemberCard, w.limit);
    ret_page->items.count = 0;
    if (f.updated_since != 0) {
        if (f.q.len > 0 || f.tag_id != 0) return refuse_followed(c);
        if (cursor.len == 0) after_at = f.updated_since;
        TRY(member_page_of_updates(c, &f, after_at, below_id, w.limit, &ret_page->items, &last_at));
        if (ret_page->items.count == w.limit) last_id = ret_page->items.items[w.limit - 1].member_id;
    } else if (f.q.len == 0 && f.tag_id == 0) {
        TRY((f.stage.len > 0 ? member_page_of_stage : member_page)(c, &f, w.below_id, w.limit, &ret_page->items));
        if (ret_page->items.count == w.limit) last_id = ret_page->items.items[w.limit - 1].member_id;
    } else if (f.q.len == 0) {
        TRY(page_of_ids(c, &w, ids_of_tag, true, &last_id));
    } else if (is_digits(f.q, 4)) {
        TRY(page_of_ids(c, &w, ids_of_tail, false, &last_id));
    } else if (may_be_value(f.q)) {
        TRY(page_of_exact(c, &w, f.q));
        if (ret_page->items.count == 0) TRY(page_of_word(c, &w, f.q, &last_id));
    } else {
        TRY(page_of_word(c, &w, f.q, &last_id));
    }
    if (last_id != 0) ret_page->next_cursor = page_cursor(c, last_id, last_at);
    return OK;
}
