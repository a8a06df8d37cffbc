/* transfer_work - one import at work: what the engine (transfer.c) and the kinds (transfer_member.c, transfer_item.c,
 * transfer_order.c) share; private to the folder.  Rows are read outside of units into groups (an order with its
 * lines, or one row); a unit writes groups [from, to), notes how each of their rows ended, appends to the report file
 * and moves the run. A refused unit is tried again in halves down to the one group that is refused, whose rows are
 * then listed with that refusal. */
#pragma once
#include "domain/transfer/transfer_map.h"
#include "domain/transfer/transfer_store.h"
#include "domain/transfer/transfer_value.h"

typedef enum RowEnd { ROW_ACCEPTED, ROW_MERGED, ROW_LISTED } RowEnd;
typedef struct Row {
    int64_t line, group;
    RowEnd read_end, end;            /* as reading left it; as the unit left it */
    Str read_code, code;             /* empty for accepted ones */
    Str zh, en;                      /* words of a refusal; empty: transfer_words(code) */
} Row;

/* Ids by key, direct mapped: a later key may push an earlier one out, a long one is never kept. */
enum { CACHE_SLOTS = 1 << 15, CACHE_KEY_MAX = 47 };
typedef struct CacheSlot { int64_t id; unsigned char len; char key[CACHE_KEY_MAX]; } CacheSlot;
typedef struct Cache { CacheSlot *slots; } Cache;
int64_t cache_get(const Cache *cache, Str key);      /* 0 = not known here */
void cache_put(Cache *cache, Str key, int64_t id);
void cache_clear(Cache *cache);

typedef struct Importer Importer;
struct Transfer {
    TransferRun run;
    bool is_dry, is_resumed, is_over;
    const Importer *importer;
    Arena keep, batch;               /* for the whole import; for one batch */
    Table *table;
    Columns columns;
    const Zone *zone;
    TableRow row; bool has_row;      /* read, not taken yet */
    int64_t report_fd, rows_most;
    Cache members, items, shops;
    TransferFindings findings;
    /* the batch */
    Row *rows; int64_t row_count, row_room;
    int64_t group_count, last_line;
    void *work;                      /* the kind's own */
};

struct Importer {
    void (*begin)(Transfer *t);
    /* Reads one row into t->batch memory; row_add() has its result. */
    Err (*take)(Ctx *c, Transfer *t, const TableRow *row);
    /* May a batch end before this row? */
    bool (*may_end)(const Transfer *t, const TableRow *row);
    /* In the unit: groups [from, to); row_set() says how their rows end. */
    Err (*write)(Ctx *c, Transfer *t, int64_t from, int64_t to);
};
extern const Importer member_importer, item_importer, order_importer;

/* How a row ends as far as reading knows; texts must live in t->batch. Returns its index. */
int64_t row_add(Transfer *t, int64_t line, int64_t group, RowEnd end, const char *code);
void row_set(Transfer *t, int64_t index, RowEnd end, const char *code, Str zh, Str en);
Str work_str(Transfer *t, Str s);                     /* a copy in the batch's memory */
/* The shop of a row: by its code, else the run's; 0 = unknown code. */
Err work_shop(Ctx *c, Transfer *t, Str code, int64_t *ret_shop_id);

/* ---- the report file (transfer_report.c) ---- */
/* a new file with its head, or the old one cut back to report_bytes */
Err report_open(Ctx *c, Transfer *t);
/* Rows of groups [from, to) behind run->report_bytes; in the unit, so that file and position agree. Moves
 * report_bytes. */
Err report_add(Ctx *c, Transfer *t, TransferRun *run, int64_t from, int64_t to);
void report_close(Transfer *t);
