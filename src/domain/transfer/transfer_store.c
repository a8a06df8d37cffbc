#include "domain/transfer/transfer_store.h"

#define RUN_COLUMNS                                                                                                    \
    "run_id, is_export, kind, status, file_name, file_path, file_hash, map, shop_id, does_earn, lines_done, "          \
    "groups_done,"                                                                                                     \
    " done_bp, rows, accepted_rows, merged_rows, listed_rows, codes, report_path, report_bytes, problem, created_at,"  \
    " updated_at, finished_at"

static Str map_text(Ctx *c, const TransferRun *run) {
    Buf b = { .arena = c->arena };
    json_print(&b, &transfer_map_fields, &run->map);
    return buf_str(&b);
}

static const Field code_field[] = { FIELD(TransferCode, code), FIELD(TransferCode, rows) };
static const Fields code_fields = FIELDS(TransferCode, code_field);

static Str codes_text(Ctx *c, const TransferRun *run) {
    Buf b = { .arena = c->arena };
    json_print_list(&b, &code_fields, (ListAny){ run->codes.items, run->codes.count });
    return buf_str(&b);
}

Err run_insert(Ctx *c, const TransferRun *run) {
    return db_exec(
        c,
        "INSERT INTO transfer_run (merchant_id, run_id, is_export, kind, status, file_name, file_path, file_hash,"
        " map, shop_id, does_earn, lines_done, groups_done, done_bp, rows, accepted_rows, merged_rows, listed_rows,"
        " codes, report_path, report_bytes, problem, created_at, updated_at, finished_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 0, 0, 0, 0, 0, 0, '[]', $12, 0, '', $13, $13, 0)",
        ARGS(run->run_id, run->is_export, transfer_kind_names[run->kind], transfer_status_names[run->status],
             run->file_name, run->file_path, run->file_hash, map_text(c, run), run->shop_id, run->does_earn,
             run->report_path, c->now));
}

Err run_begin(Ctx *c, const TransferRun *run) {
    return db_exec(
        c,
        "UPDATE transfer_run SET status = 'running', map = $3, shop_id = $4, does_earn = $5, report_path = $6,"
        " problem = '', updated_at = $7 WHERE merchant_id = $1 AND run_id = $2",
        ARGS(run->run_id, map_text(c, run), run->shop_id, run->does_earn, run->report_path, c->now));
}

Err run_move(Ctx *c, const TransferRun *run, int64_t from_lines, int64_t from_groups, bool *ret_moved) {
    int64_t changed = 0;
    TRY(db_change(
        c,
        "UPDATE transfer_run SET lines_done = $3, groups_done = $4, done_bp = $5, rows = $6, accepted_rows = $7,"
        " merged_rows = $8, listed_rows = $9, codes = $10, report_bytes = $11, updated_at = $12"
        " WHERE merchant_id = $1 AND run_id = $2 AND status = 'running' AND lines_done = $13 AND groups_done = $14",
        ARGS(run->run_id, run->lines_done, run->groups_done, run->done_bp, run->rows, run->accepted_rows,
             run->merged_rows, run->listed_rows, codes_text(c, run), run->report_bytes, c->now, from_lines,
             from_groups),
        &changed));
    *ret_moved = changed == 1;
    return OK;
}

Err run_end(Ctx *c, const TransferRun *run) {
    return db_exec(c,
                   "UPDATE transfer_run SET status = $3, problem = $4, done_bp = $5, rows = $6, accepted_rows = $7,"
                   " report_path = $8, report_bytes = $9, finished_at = $10, updated_at = $10"
                   " WHERE merchant_id = $1 AND run_id = $2",
                   ARGS(run->run_id, transfer_status_names[run->status], run->problem, run->done_bp, run->rows,
                        run->accepted_rows, run->report_path, run->report_bytes, c->now));
}

Err run_read(Ctx *c, int64_t run_id, TransferRun *ret_run, bool *ret_found) {
    return db_find(c, "SELECT " RUN_COLUMNS " FROM transfer_run WHERE merchant_id = $1 AND run_id = $2", ARGS(run_id),
                   &transfer_run_fields, ret_run, ret_found);
}

Err run_unfinished(Ctx *c, const TransferRun *like, TransferRun *ret_run, bool *ret_found) {
    return db_find(
        c,
        "SELECT " RUN_COLUMNS " FROM transfer_run WHERE merchant_id = $1 AND file_hash = $2 AND kind = $3"
        " AND map = $4 AND shop_id = $5 AND does_earn = $6 AND status = 'running' AND is_export = 0"
        " ORDER BY run_id DESC LIMIT 1",
        ARGS(like->file_hash, transfer_kind_names[like->kind], map_text(c, like), like->shop_id, like->does_earn),
        &transfer_run_fields, ret_run, ret_found);
}

Err run_page(Ctx *c, int64_t before_id, int64_t most, TransferRuns *ret_runs) {
    return db_rows(c,
                   "SELECT " RUN_COLUMNS " FROM transfer_run WHERE merchant_id = $1 AND run_id < $2"
                   " ORDER BY run_id DESC LIMIT $3",
                   ARGS(before_id, most), &transfer_run_fields, most, (ListAny *)ret_runs);
}

Err run_stale(Ctx *c, int64_t before, int64_t most, TransferRuns *ret_runs) {
    return db_rows(c,
                   "SELECT " RUN_COLUMNS " FROM transfer_run WHERE merchant_id = $1 AND created_at < $2"
                   " AND status <> 'running' AND (file_path <> '' OR report_path <> '') ORDER BY run_id LIMIT $3",
                   ARGS(before, most), &transfer_run_fields, most, (ListAny *)ret_runs);
}

Err run_forget_files(Ctx *c, int64_t run_id) {
    return db_exec(c,
                   "UPDATE transfer_run SET file_path = '', report_path = '' WHERE merchant_id = $1 AND run_id = $2",
                   ARGS(run_id));
}
