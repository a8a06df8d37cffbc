/* db_known - 已备语句: the prepared statements a connection knows, found by the address of their literal, in a few
 * instructions; texts built at run time are found by content. Private to store/. */
#pragma once
#include "store/db_engine.h"

/* The first member of an engine's own statement. */
typedef struct Known { const char *key; bool owns_key; } Known;
typedef struct KnownTable { Known **at; int64_t room, count; } KnownTable;
typedef struct KnownStatements { KnownTable literals, texts; } KnownStatements;

static inline uint64_t known_hash(const char *sql) {
    uint64_t h = (uint64_t)(uintptr_t)sql * 0x9E3779B97F4A7C15u;
    return h ^ h >> 32;
}

Known *known_find_text(const KnownStatements *k, const char *sql);

static inline Known *known_find(const KnownStatements *k, const char *sql) {
    const KnownTable *t = &k->literals;
    uint64_t mask = (uint64_t)t->room - 1, i = known_hash(sql) & mask;
    for (; t->room > 0 && t->at[i] != NULL; i = (i + 1) & mask)
        if (t->at[i]->key == sql) return t->at[i];
    return is_literal(sql) ? NULL : known_find_text(k, sql);
}

/* Takes a new entry in under `sql`; it is freed with free(), after `forget`. */
void known_add(KnownStatements *k, const char *sql, Known *entry);
void known_forget(KnownTable *t, void (*forget)(Known *entry));
