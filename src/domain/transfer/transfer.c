/* The engine of imports: batches, units, halving what is refused, going on after a stop. */
#include "domain/transfer/transfer_work.h"
#include "app/merchant.h"
#include "domain/shop/shop.h"
#include <assert.h>
#include <stdio.h>
#include <string.h>

const char *const transfer_kind_names[] = { "members", "items", "orders", "entries", NULL };
const char *const transfer_status_names[] = { "uploaded", "running", "done", "failed", NULL };

enum { FINGERPRINT_PIECE = 1 << 20, ROW_ROOM_FIRST = 1024 };

/* ---- caches ----------------------------------------------------------------------------------------------------- */

static CacheSlot *cache_slot(const Cache *cache, Str key) { return &cache->slots[str_hash(key) % CACHE_SLOTS]; }

int64_t cache_get(const Cache *cache, Str key) {
    const CacheSlot *slot = cache_slot(cache, key);
    bool is_same = slot->id != 0 && slot->len == key.len && memcmp(slot->key, key.at, (size_t)key.len) == 0;
    return is_same ? slot->id : 0;
}

void cache_put(Cache *cache, Str key, int64_t id) {
    if (key.len > CACHE_KEY_MAX) return;
    CacheSlot *slot = cache_slot(cache, key);
    slot->id = id;
    slot->len = (unsigned char)key.len;
    memcpy(slot->key, key.at, (size_t)key.len);
}

void cache_clear(Cache *cache) { memset(cache->slots, 0, CACHE_SLOTS * sizeof *cache->slots); }

/* What a refused unit put there does not exist, nor what the first run of one that runs again did. */
static void caches_clear(Transfer *t) {
    cache_clear(&t->members);
    cache_clear(&t->items);
    cache_clear(&t->shops);
}

/* ---- rows ------------------------------------------------------------------------------------------------------- */

Str work_str(Transfer *t, Str s) { return arena_str(&t->batch, s); }

int64_t row_add(Transfer *t, int64_t line, int64_t group, RowEnd end, const char *code) {
    if (t->row_count == t->row_room) {
        Row *rows = NEW_LIST(&t->batch, Row, t->row_room * 2);
        memcpy(rows, t->rows, (size_t)t->row_count * sizeof *rows);
        t->rows = rows;
        t->row_room *= 2;
    }
    t->rows[t->row_count] = (Row){ .line = line, .group = group, .read_end = end, .read_code = str_of(code) };
    return t->row_count++;
}

void row_set(Transfer *t, int64_t index, RowEnd end, const char *code, Str zh, Str en) {
    Row *row = &t->rows[index];
    row->end = end;
    row->code = work_str(t, str_of(code));
    row->zh = work_str(t, zh);
    row->en = work_str(t, en);
}

Err work_shop(Ctx *c, Transfer *t, Str code, int64_t *ret_shop_id) {
    *ret_shop_id = t->run.shop_id;
    if (code.len == 0) return OK;
    *ret_shop_id = cache_get(&t->shops, code);
    if (*ret_shop_id != 0) return OK;
    TRY(shop_find_code(c, code, ret_shop_id));
    if (*ret_shop_id != 0) cache_put(&t->shops, code, *ret_shop_id);
    return OK;
}

/* ---- one unit --------------------------------------------------------------------------------------------------- */

typedef struct Piece {
    Transfer *t;
    int64_t from, to;
    bool is_refused;
    const char *code;
    Str zh, en; /* the one group is listed with these */
    TransferRun next;
    int64_t runs;                    /* of its unit */
} Piece;

static bool in_piece(const Piece *p, const Row *row) { return row->group >= p->from && row->group < p->to; }

static void count_code(Ctx *c, TransferRun *run, Str code) {
    for (int64_t i = 0; i < run->codes.count; i++) {
        if (!str_equal(run->codes.items[i].code, code)) continue;
        run->codes.items[i].rows++;
        return;
    }
    if (run->codes.count == TRANSFER_CODES_MAX) return;
    run->codes.items[run->codes.count++] = (TransferCode){ arena_str(c->arena, code), 1 };
}

static void count_rows(Ctx *c, Piece *p) {
    TransferRun *next = &p->next;
    TransferCode *codes = NEW_LIST(c->arena, TransferCode, TRANSFER_CODES_MAX);
    if (next->codes.count > 0) memcpy(codes, next->codes.items, (size_t)next->codes.count * sizeof *codes);
    next->codes.items = codes;
    for (int64_t i = 0; i < p->t->row_count; i++) {
        const Row *row = &p->t->rows[i];
        if (!in_piece(p, row)) continue;
        next->rows++;
        if (row->end == ROW_ACCEPTED)
            next->accepted_rows++;
        else if (row->end == ROW_MERGED)
            next->merged_rows++;
        else
            next->listed_rows++;
        if (row->code.len > 0) count_code(c, next, row->code);
    }
}

static Err run_piece(Ctx *c, void *arg) {
    Piece *p = arg;
    Transfer *t = p->t;
    if (p->runs++ > 0) caches_clear(t);
    for (int64_t i = 0; i < t->row_count; i++) {
        Row *row = &t->rows[i];
        if (!in_piece(p, row)) continue;
        row->end = row->read_end;
        row->code = row->read_code;
        row->zh = row->en = S("");
        if (p->is_refused && row->end != ROW_LISTED) row_set(t, i, ROW_LISTED, p->code, p->zh, p->en);
    }
    if (!p->is_refused) TRY(t->importer->write(c, t, p->from, p->to));
    p->next = t->run;
    count_rows(c, p);
    bool is_end = p->to == t->group_count;
    p->next.lines_done = is_end ? t->last_line : t->run.lines_done;
    p->next.groups_done = is_end ? 0 : p->to;
    p->next.done_bp = table_done_bp(t->table);
    TRY(report_add(c, t, &p->next, p->from, p->to));
    if (t->is_dry) return fail(c, E_CONFLICT, "transfer.dry_run", "试运行：没有写入", "dry run: nothing was written");
    bool is_moved;
    TRY(run_move(c, &p->next, t->run.lines_done, t->run.groups_done, &is_moved));
    if (is_moved) return OK;
    return fail(c, E_STALE, "transfer.moved", "同一个导入正在别处进行", "the same import is running elsewhere");
}

/* What the unit counted now stands: its codes move to memory that lives on. */
static void piece_done(Piece *p) {
    Transfer *t = p->t;
    TransferCode *codes = t->run.codes.items;
    int64_t known = t->run.codes.count;
    for (int64_t i = 0; i < p->next.codes.count; i++) {
        Str code = i < known ? codes[i].code : arena_str(&t->keep, p->next.codes.items[i].code);
        codes[i] = (TransferCode){ code, p->next.codes.items[i].rows };
    }
    t->run = p->next;
    t->run.codes.items = codes;
    for (int64_t i = 0; t->is_dry && i < t->row_count && t->findings.count < TRANSFER_FINDINGS_MAX; i++) {
        const Row *row = &t->rows[i];
        if (!in_piece(p, row) || row->end != ROW_LISTED) continue;
        const char *zh, *en;
        transfer_words(row->code, &zh, &en);
        t->findings.items[t->findings.count++] = (TransferFinding){
            row->line,
            S("listed"),
            arena_str(&t->keep, row->code),
            arena_str(&t->keep, row->zh.len > 0 ? row->zh : str_of(zh)),
            arena_str(&t->keep, row->en.len > 0 ? row->en : str_of(en)),
        };
    }
}

/* A refusal of what a row wants, not of the moment: such a row is listed. */
static bool is_of_rows(Err err) {
    return err == E_INVALID || err == E_DENIED || err == E_NOT_FOUND || err == E_CONFLICT;
}

static Err write_piece(Ctx *c, Piece *p) {
    Err err = app_apart(c, run_piece, p);
    bool was_dry = err == E_CONFLICT && c->problem.code && strcmp(c->problem.code, "transfer.dry_run") == 0;
    if (err != OK) caches_clear(p->t);
    if (was_dry) problem_clear(c);
    if (err != OK && !was_dry) return err;
    piece_done(p);
    return OK;
}

/* Groups [from, to): at once, or in halves where something in them is refused. Bounded: each call halves, and one
 * group that is refused is written as listed. */
static Err write_groups(Ctx *c, Transfer *t, int64_t from, int64_t to) {
    Piece piece = { .t = t, .from = from, .to = to };
    Err err = write_piece(c, &piece);
    if (err == OK || !is_of_rows(err)) return err;
    if (to - from > 1) {
        problem_clear(c);
        int64_t middle = from + (to - from) / 2;
        TRY(write_groups(c, t, from, middle));
        return write_groups(c, t, middle, to);
    }
    piece.is_refused = true;
    piece.code = c->problem.code ? c->problem.code : "internal";
    piece.zh = work_str(t, c->problem.zh);
    piece.en = work_str(t, c->problem.en);
    if (c->problem.complaint_count > 0) {
        piece.zh = work_str(t, c->problem.complaints[0].zh);
        piece.en = work_str(t, c->problem.complaints[0].en);
    }
    problem_clear(c);
    return write_piece(c, &piece);
}

/* ---- a batch ---------------------------------------------------------------------------------------------------- */

static Err next_row(Ctx *c, Transfer *t) {
    if (t->has_row || t->is_over) return OK;
    TRY(table_next(c, t->table, &t->row, &t->has_row));
    t->is_over = !t->has_row;
    return OK;
}

static Err read_batch(Ctx *c, Transfer *t) {
    int64_t most = TRANSFER_BATCH_ROWS;
    for (;;) {
        if (t->rows_most > 0 && t->run.rows + t->row_count >= t->rows_most) t->is_over = true;
        TRY(next_row(c, t));
        if (!t->has_row || t->is_over) return OK;
        bool is_full = t->row_count >= most && t->importer->may_end(t, &t->row);
        if (is_full || t->row_count >= most * 2) return OK;
        TRY(t->importer->take(c, t, &t->row));
        t->last_line = t->row.line;
        t->has_row = false;
    }
}

static Err end_run(Ctx *c, void *arg) { return run_end(c, arg); }

static Err finish(Ctx *c, Transfer *t) {
    t->run.status = TRANSFER_DONE;
    t->run.done_bp = 10000;
    t->run.finished_at = c->now;
    return t->is_dry ? OK : app_apart(c, end_run, &t->run);
}

static Err step(Ctx *c, Transfer *t, bool *ret_more) {
    arena_reset(&t->batch);
    t->row_room = ROW_ROOM_FIRST;
    t->rows = NEW_LIST(&t->batch, Row, t->row_room);
    t->row_count = t->group_count = 0;
    t->importer->begin(t);
    TRY(read_batch(c, t));
    *ret_more = t->row_count > 0;
    if (t->row_count == 0) return finish(c, t);
    return write_groups(c, t, t->run.groups_done, t->group_count);
}

/* Units of an import use its own memory; what the caller's Ctx keeps would dangle there, so it is set aside. */
typedef struct Outer {
    Arena *arena;
    struct Pending *pending;
} Outer;

static Outer borrow(Ctx *c, Arena *arena) {
    Outer outer = { c->arena, c->pending };
    c->arena = arena;
    c->pending = NULL;
    return outer;
}

static void give_back(Ctx *c, Outer outer) {
    c->arena = outer.arena;
    c->pending = outer.pending;
}

/* The problem outlives the arena it was made in. */
static void keep_problem(Ctx *c) {
    Problem *p = &c->problem;
    p->zh = arena_str(c->arena, p->zh);
    p->en = arena_str(c->arena, p->en);
    for (int64_t i = 0; i < p->complaint_count; i++) {
        Complaint *one = &p->complaints[i];
        one->pointer = arena_str(c->arena, one->pointer);
        one->zh = arena_str(c->arena, one->zh);
        one->en = arena_str(c->arena, one->en);
    }
}

Err transfer_step(Ctx *c, Transfer *t, bool *ret_more) {
    Outer outer = borrow(c, &t->batch);
    Err err = step(c, t, ret_more);
    give_back(c, outer);
    if (err != OK) keep_problem(c);
    return err;
}

/* ---- opening ---------------------------------------------------------------------------------------------------- */

Str transfer_dir(Ctx *c) {
    Str path = db_path(c->app->db);
    int64_t slash = path.len;
    while (slash > 0 && path.at[slash - 1] != '/') slash--;
    if (slash > 1) return arena_print(c->arena, "%.*s/transfer", (int)slash - 1, path.at);
    if (path.len > 0) return slash == 1 ? S("/transfer") : S("transfer");
    Str temp = c->app->config.temp_dir;
    return temp.len > 0 ? arena_print(c->arena, "%.*s/transfer", (int)temp.len, temp.at) : S("/tmp/laoke-transfer");
}

/* What tells one file from another: a chain of hashes over its pieces. */
static Err fingerprint(Ctx *c, Str path, Bytes *ret_hash) {
    FILE *file = fopen(arena_cstr(c->arena, path), "rbe");
    if (!file)
        return fail(c, E_INVALID, "transfer.file", "打不开文件 %.*s", "cannot open the file %.*s", (int)path.len,
                    path.at);
    ArenaMark mark = arena_mark(c->arena);
    unsigned char hash[HASH_LEN] = { 0 }, *piece = NEW_LIST(c->arena, unsigned char, HASH_LEN + FINGERPRINT_PIECE);
    for (size_t got; (got = fread(piece + HASH_LEN, 1, FINGERPRINT_PIECE, file)) > 0;) {
        memcpy(piece, hash, HASH_LEN);
        sha256(piece, HASH_LEN + (int64_t)got, hash);
    }
    bool is_bad = ferror(file) != 0;
    fclose(file);
    arena_back(c->arena, mark);
    if (is_bad)
        return fail(c, E_INVALID, "transfer.file", "打不开文件 %.*s", "cannot open the file %.*s", (int)path.len,
                    path.at);
    *ret_hash = arena_bytes(c->arena, hash, HASH_LEN);
    return OK;
}

typedef struct Opening {
    const TransferStart *start;
    Transfer *t;
} Opening;

static Err find_shop(Ctx *c, const TransferStart *start, int64_t *ret_shop_id) {
    if (start->shop_id != 0) {
        *ret_shop_id = start->shop_id;
        return shop_need(c, start->shop_id);
    }
    ShopList shops;
    TRY(shop_list(c, &shops));
    if (shops.count == 0) return fail(c, E_CONFLICT, "transfer.no_shop", "请先建一家门店", "create a shop first");
    *ret_shop_id = shops.items[0].shop_id;
    return OK;
}

/* The run this file belongs to: the one asked for, one that stopped, or a new one (run_id 0). */
static Err look_up(Ctx *c, void *arg) {
    Opening *o = arg;
    TransferRun *run = &o->t->run, found = { 0 };
    bool is_found = false;
    TRY(find_shop(c, o->start, &run->shop_id));
    Str zone_name;
    TRY(shop_zone(c, run->shop_id, &zone_name));
    o->t->zone = app_zone(c, zone_name);
    if (o->start->is_dry) return OK;
    if (o->start->run_id != 0) {
        TRY(run_read(c, o->start->run_id, &found, &is_found));
        if (!is_found) return fail(c, E_NOT_FOUND, "transfer.not_found", "没有这次导入", "there is no such import");
    } else {
        TRY(run_unfinished(c, run, &found, &is_found));
    }
    if (!is_found) return OK;
    o->t->is_resumed = found.lines_done > 0 || found.groups_done > 0;
    if (found.shop_id == 0) found.shop_id = run->shop_id; /* uploaded without one */
    if (o->start->report_path.len > 0 && !o->t->is_resumed) found.report_path = o->start->report_path;
    *run = found;
    return OK;
}

/* A merchant that begins with an import has no shop yet: the history needs one to stand in. */
static Err make_first_shop(Ctx *c, void *arg) {
    const Transfer *t = arg;
    ShopList shops;
    Merchant merchant;
    Shop made;
    TRY(shop_list(c, &shops));
    if (shops.count > 0 || t->is_dry) return OK;
    TRY(merchant_get(c, &merchant));
    return shop_create(c, &(Shop){ .code = S("S01"), .name = merchant.name, .till_count = 1 }, &made);
}

static Err make_run(Ctx *c, void *arg) {
    TransferRun *run = arg;
    run->run_id = id_new(c);
    run->status = TRANSFER_RUNNING;
    run->created_at = run->updated_at = c->now;
    return run_insert(c, run);
}

static Str base_name(Str path) {
    int64_t at = path.len;
    while (at > 0 && path.at[at - 1] != '/') at--;
    return str_slice(path, at, path.len);
}

static const Importer *importer_of(TransferKind kind) {
    switch (kind) {
    case TRANSFER_MEMBERS:
        return &member_importer;
    case TRANSFER_ITEMS:
        return &item_importer;
    case TRANSFER_ORDERS:
        return &order_importer;
    case TRANSFER_ENTRIES:
        return NULL;
    }
    return NULL;
}

/* Opens the file, finds the columns by its head line, and goes past what was done. */
static Err open_table(Ctx *c, Transfer *t) {
    TRY(table_open(c, &(TableOpen){ .path = t->run.file_path }, &t->table));
    TRY(next_row(c, t));
    if (!t->has_row)
        return fail(c, E_INVALID, "transfer.head", "缺少一列：%s（%s）", "a column is missing: %s (%s)", "表头",
                    "head line");
    TRY(columns_find(c, &t->run.map, t->run.kind, t->row.cells, &t->columns));
    t->has_row = false;
    for (;;) {
        TRY(next_row(c, t));
        if (!t->has_row || t->row.line > t->run.lines_done) return OK;
        t->has_row = false;
    }
}

static Err open_all(Ctx *c, const TransferStart *start, Transfer *t) {
    TransferRun *run = &t->run;
    run->kind = start->kind;
    run->map = start->map;
    run->does_earn = start->does_earn;
    run->file_path = arena_str(c->arena, start->path);
    run->file_name = arena_str(c->arena, start->file_name.len > 0 ? start->file_name : base_name(start->path));
    run->report_path = arena_str(c->arena, start->report_path);
    TRY(fingerprint(c, start->path, &run->file_hash));
    if (start->shop_id == 0) TRY(app_apart(c, make_first_shop, t));
    Opening opening = { start, t };
    TRY(c->tx ? look_up(c, &opening) : app_read(c, look_up, &opening));
    run->file_path = arena_str(c->arena, start->path);
    TransferCode *codes = NEW_LIST(c->arena, TransferCode, TRANSFER_CODES_MAX);
    for (int64_t i = 0; i < run->codes.count; i++) codes[i] = run->codes.items[i];
    run->codes.items = codes;
    t->findings.items = NEW_LIST(c->arena, TransferFinding, TRANSFER_FINDINGS_MAX);
    Cache *caches[] = { &t->members, &t->items, &t->shops };
    for (int64_t i = 0; i < 3; i++) caches[i]->slots = NEW_LIST(c->arena, CacheSlot, CACHE_SLOTS);
    t->importer = importer_of(run->kind);
    TRY(open_table(c, t));
    if (run->run_id == 0 && !t->is_dry) TRY(app_apart(c, make_run, run));
    return report_open(c, t);
}

Err transfer_open(Ctx *c, const TransferStart *start, Transfer **ret_transfer) {
    assert(!db_in_unit(c));
    Transfer *t = NEW(c->arena, Transfer);
    arena_init(&t->keep, ARENA_BUDGET * 2);
    arena_init(&t->batch, ARENA_BUDGET * 4);
    t->report_fd = -1;
    t->is_dry = start->is_dry;
    t->rows_most = start->rows_most;
    Outer outer = borrow(c, &t->keep);
    Err err = open_all(c, start, t);
    give_back(c, outer);
    if (err == OK) {
        *ret_transfer = t;
        return OK;
    }
    keep_problem(c);
    transfer_close(t);
    return err;
}

const TransferRun *transfer_run(const Transfer *t) { return &t->run; }
bool transfer_is_resumed(const Transfer *t) { return t->is_resumed; }
TransferFindings transfer_findings(const Transfer *t) { return t->findings; }

void transfer_close(Transfer *t) {
    if (!t) return;
    report_close(t);
    table_close(t->table);
    t->table = NULL;
    arena_free(&t->batch);
    arena_free(&t->keep);
}
