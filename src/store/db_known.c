#include "store/db_known.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM_FIRST = 256 };

/* Where a literal with this address stands, or would stand. */
static Known **place(KnownTable *t, const char *sql, uint64_t hash) {
    uint64_t mask = (uint64_t)t->room - 1, i = hash & mask;
    while (t->at[i] != NULL && t->at[i]->key != sql) i = (i + 1) & mask;
    return &t->at[i];
}

static uint64_t hash_of(const Known *entry) {
    return entry->owns_key ? str_hash(str_of(entry->key)) : known_hash(entry->key);
}

static void grow(KnownTable *t) {
    KnownTable old = *t;
    *t = (KnownTable){ .room = old.room == 0 ? ROOM_FIRST : old.room * 2, .count = old.count };
    t->at = calloc((size_t)t->room, sizeof(Known *));
    assert(t->at != NULL);
    for (int64_t i = 0; i < old.room; i++)
        if (old.at[i] != NULL) *place(t, old.at[i]->key, hash_of(old.at[i])) = old.at[i];
    free(old.at);
}

Known *known_find_text(const KnownStatements *k, const char *sql) {
    const KnownTable *t = &k->texts;
    if (t->room == 0) return NULL;
    uint64_t mask = (uint64_t)t->room - 1, i = str_hash(str_of(sql)) & mask;
    while (t->at[i] != NULL && strcmp(t->at[i]->key, sql) != 0) i = (i + 1) & mask;
    return t->at[i];
}

void known_add(KnownStatements *k, const char *sql, Known *entry) {
    entry->owns_key = !is_literal(sql);
    entry->key = entry->owns_key ? strdup(sql) : sql;
    assert(entry->key != NULL);
    KnownTable *t = entry->owns_key ? &k->texts : &k->literals;
    if (t->count * 2 >= t->room) grow(t);
    *place(t, entry->key, hash_of(entry)) = entry;
    t->count++;
}

void known_forget(KnownTable *t, void (*forget)(Known *entry)) {
    for (int64_t i = 0; i < t->room; i++) {
        if (t->at[i] == NULL) continue;
        forget(t->at[i]);
        if (t->at[i]->owns_key) free((char *)(uintptr_t)t->at[i]->key);
        free(t->at[i]);
    }
    free(t->at);
    *t = (KnownTable){ 0 };
}
