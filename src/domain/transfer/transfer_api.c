#include "domain/transfer/transfer_work.h"
#include "event/transfer.h"
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PART_STEPS_MAX = 20, PREVIEW_ROWS = 5, FILE_NAME_MAX = 120 };

/* ---- shapes ---- */

static const Field code_field[] = { FIELD(TransferCode, code), FIELD(TransferCode, rows) };
static const Fields code_fields = FIELDS(TransferCode, code_field);
static const Field run_field[] = {
    FIELD_ID(TransferRun, run_id),
    FIELD(TransferRun, is_export),
    FIELD_ENUM(TransferRun, kind, transfer_kind_names),
    FIELD_ENUM(TransferRun, status, transfer_status_names),
    FIELD(TransferRun, file_name),
    FIELD(TransferRun, file_path),
    FIELD(TransferRun, file_hash),
    FIELD_OBJECT(TransferRun, map, transfer_map_fields),
    FIELD_ID(TransferRun, shop_id),
    FIELD(TransferRun, does_earn),
    FIELD(TransferRun, lines_done),
    FIELD(TransferRun, groups_done),
    FIELD(TransferRun, done_bp, .about = "how far through the file"),
    FIELD(TransferRun, rows),
    FIELD(TransferRun, accepted_rows),
    FIELD(TransferRun, merged_rows),
    FIELD(TransferRun, listed_rows),
    FIELD_LIST(TransferRun, codes, code_fields),
    FIELD(TransferRun, report_path),
    FIELD(TransferRun, report_bytes),
    FIELD(TransferRun, problem),
    FIELD(TransferRun, created_at),
    FIELD(TransferRun, updated_at),
    FIELD(TransferRun, finished_at),
};
const Fields transfer_run_fields = FIELDS(TransferRun, run_field);

/* What clients see of a run: no paths of the server. */
typedef struct View {
    int64_t run_id;
    bool is_export;
    TransferKind kind;
    TransferStatus status;
    Str file_name;
    TransferMap map;
    int64_t shop_id;
    bool does_earn;
    int64_t done_bp, rows, accepted_rows, merged_rows, listed_rows;
    TransferCodes codes;
    Str problem;
    int64_t created_at, updated_at, finished_at;
} View;
static const Field view_field[] = {
    FIELD_ID(View, run_id),
    FIELD(View, is_export),
    FIELD_ENUM(View, kind, transfer_kind_names),
    FIELD_ENUM(View, status, transfer_status_names),
    FIELD(View, file_name),
    FIELD_OBJECT(View, map, transfer_map_fields),
    FIELD_ID(View, shop_id),
    FIELD(View, does_earn),
    FIELD(View, done_bp, .about = "how far through the file, of 10000"),
    FIELD(View, rows),
    FIELD(View, accepted_rows),
    FIELD(View, merged_rows),
    FIELD(View, listed_rows),
    FIELD_LIST(View, codes, code_fields, .about = "why rows were merged or listed"),
    FIELD(View, problem),
    FIELD(View, created_at),
    FIELD(View, updated_at),
    FIELD(View, finished_at),
};
static const Fields view_fields = FIELDS(View, view_field);

static View view_of(const TransferRun *r) {
    return (View){ r->run_id,      r->is_export, r->kind,    r->status,     r->file_name,     r->map,
                   r->shop_id,     r->does_earn, r->done_bp, r->rows,       r->accepted_rows, r->merged_rows,
                   r->listed_rows, r->codes,     r->problem, r->created_at, r->updated_at,    r->finished_at };
}

static const Field finding_field[] = {
    FIELD(TransferFinding, line), FIELD(TransferFinding, status), FIELD(TransferFinding, code),
    FIELD(TransferFinding, zh),   FIELD(TransferFinding, en),
};
const Fields transfer_finding_fields = FIELDS(TransferFinding, finding_field);

/* Rows and runs are of every shop, so they are for who works for every shop. */
static Err need_all_shops(Ctx *c) { return auth_need_shop(c, 0); }

static Err need_run(Ctx *c, int64_t run_id, TransferRun *ret_run) {
    bool is_found;
    TRY(need_all_shops(c));
    TRY(run_read(c, run_id, ret_run, &is_found));
    return is_found ? OK : fail(c, E_NOT_FOUND, "transfer.not_found", "没有这次导入", "there is no such import");
}

/* ---- upload ---- */

typedef struct Upload {
    TransferKind kind;
    Str file_name;
} Upload;
static const Field upload_field[] = {
    FIELD_ENUM(Upload, kind, transfer_kind_names, .need = true),
    FIELD(Upload, file_name, .max = FILE_NAME_MAX),
};
static const Fields upload_fields = FIELDS(Upload, upload_field);

typedef struct Preview {
    StrList cells;
} Preview;
static const Field preview_field[] = { FIELD(Preview, cells, .max = CSV_CELLS_MAX) };
static const Fields preview_fields = FIELDS(Preview, preview_field);
typedef struct Uploaded {
    int64_t run_id;
    LIST_OF(Preview) rows;
} Uploaded;
static const Field uploaded_field[] = {
    FIELD_ID(Uploaded, run_id),
    FIELD_LIST(Uploaded, rows, preview_fields, .about = "the head line and the first rows"),
};
static const Fields uploaded_fields = FIELDS(Uploaded, uploaded_field);

typedef struct UploadPlan {
    TransferRun run;
    Uploaded seen;
} UploadPlan;

static Err look_at(Ctx *c, Str path, Uploaded *ret_seen) {
    Table *table;
    TRY(table_open(c, &(TableOpen){ .path = path }, &table));
    ret_seen->rows.items = NEW_LIST(c->arena, Preview, PREVIEW_ROWS + 1);
    Err err = OK;
    for (bool is_found = true; err == OK && ret_seen->rows.count <= PREVIEW_ROWS;) {
        TableRow row;
        err = table_next(c, table, &row, &is_found);
        if (err != OK || !is_found) break;
        StrList cells = { NEW_LIST(c->arena, Str, row.cells.count), row.cells.count };
        for (int64_t i = 0; i < cells.count; i++) cells.items[i] = arena_str(c->arena, row.cells.items[i]);
        ret_seen->rows.items[ret_seen->rows.count++].cells = cells;
    }
    table_close(table);
    return err;
}

static bool copy_file(const char *from, const char *to) {
    char piece[65536];
    FILE *in = fopen(from, "rbe"), *out = fopen(to, "wbe");
    bool is_fine = in && out;
    for (size_t got; is_fine && (got = fread(piece, 1, sizeof piece, in)) > 0;)
        is_fine = fwrite(piece, 1, got, out) == got;
    if (in) is_fine &= !ferror(in) && fclose(in) == 0;
    if (out) is_fine &= fclose(out) == 0;
    return is_fine;
}

/* The spooled body goes with its request, so it is kept under a name of its own before. */
static Err prepare_upload(Ctx *c, const void *body) {
    const Upload *in = body;
    UploadPlan *plan = NEW(c->arena, UploadPlan);
    if (c->upload.len == 0)
        return fail(c, E_INVALID, "transfer.file", "打不开文件 %.*s", "cannot open the file %.*s", 0, "");
    TRY(look_at(c, c->upload, &plan->seen));
    Str dir = transfer_dir(c);
    plan->run =
        (TransferRun){ .run_id = id_new(c), .kind = in->kind, .status = TRANSFER_UPLOADED, .file_name = in->file_name };
    plan->run.file_path = arena_print(c->arena, "%.*s/upload-%lld", (int)dir.len, dir.at, (long long)plan->run.run_id);
    mkdir(arena_cstr(c->arena, dir), 0700);
    const char *path = arena_cstr(c->arena, plan->run.file_path);
    bool is_kept = copy_file(arena_cstr(c->arena, c->upload), path);
    if (!is_kept) {
        unlink(path);
        return fail(c, E_BUSY, "transfer.report", "写不了报告文件 %.*s", "cannot write the report file %.*s",
                    (int)dir.len, dir.at);
    }
    chmod(path, 0600);
    plan->seen.run_id = plan->run.run_id;
    c->plan = plan;
    return OK;
}

static Err post_upload(Ctx *c, const void *body, void *ret) {
    (void)body;
    const UploadPlan *plan = c->plan;
    TRY(need_all_shops(c));
    *(Uploaded *)ret = plan->seen;
    return run_insert(c, &plan->run);
}

/* ---- check: the same units, refused at their end ---- */

typedef struct Ask {
    int64_t run_id;
    TransferMap map;
    int64_t shop_id;
    bool does_earn;
} Ask;
static const Field ask_field[] = {
    FIELD_ID(Ask, run_id, .need = true),
    FIELD_OBJECT(Ask, map, transfer_map_fields),
    FIELD_ID(Ask, shop_id, .about = "where the rows name none; the first shop when empty"),
    FIELD(Ask, does_earn, .about = "past orders pay out points as if made now"),
};
static const Fields ask_fields = FIELDS(Ask, ask_field);

typedef struct Checked {
    View run;
    bool is_all;
    TransferFindings findings;
} Checked;
static const Field checked_field[] = {
    FIELD_OBJECT(Checked, run, view_fields),
    FIELD(Checked, is_all, .about = "false: only the first rows were looked at"),
    FIELD_LIST(Checked, findings, transfer_finding_fields, .about = "the first rows that would be listed"),
};
static const Fields checked_fields = FIELDS(Checked, checked_field);

/* The map of a request, its preset filled in. */
static Err full_map(Ctx *c, const TransferMap *map, TransferMap *ret_map) {
    Buf text = { .arena = c->arena };
    json_print(&text, &transfer_map_fields, map);
    return transfer_map_read(c, buf_str(&text), ret_map);
}

static Err start_of(Ctx *c, const Ask *ask, TransferStart *ret_start) {
    TransferRun run = { 0 };
    TRY(need_run(c, ask->run_id, &run));
    if (run.is_export)
        return fail(c, E_CONFLICT, "transfer.kind", "这种数据只能导出", "this kind can only be exported");
    if (ask->shop_id != 0) TRY(auth_need_shop(c, ask->shop_id));
    *ret_start = (TransferStart){ .run_id = run.run_id,
                                  .kind = run.kind,
                                  .path = run.file_path,
                                  .file_name = run.file_name,
                                  .shop_id = ask->shop_id,
                                  .does_earn = ask->does_earn };
    return full_map(c, &ask->map, &ret_start->map);
}

static Err prepare_check(Ctx *c, const void *body) {
    TransferStart start;
    TRY(start_of(c, body, &start));
    start.is_dry = true;
    start.rows_most = TRANSFER_CHECK_ROWS_MAX;
    Transfer *t;
    TRY(transfer_open(c, &start, &t));
    Err err = OK;
    for (bool is_more = true; err == OK && is_more;) err = transfer_step(c, t, &is_more);
    if (err == OK) {
        Checked *checked = NEW(c->arena, Checked);
        checked->run = view_of(transfer_run(t));
        checked->run.map = start.map;
        checked->run.file_name = start.file_name;
        checked->run.run_id = start.run_id;
        checked->is_all = checked->run.rows < start.rows_most;
        TransferFindings found = transfer_findings(t);
        checked->findings.items = NEW_LIST(c->arena, TransferFinding, found.count);
        for (int64_t i = 0; i < found.count; i++) {
            const TransferFinding *f = &found.items[i];
            checked->findings.items[checked->findings.count++] = (TransferFinding){
                f->line,
                f->status,
                arena_str(c->arena, f->code),
                arena_str(c->arena, f->zh),
                arena_str(c->arena, f->en),
            };
        }
        TransferCode *codes = NEW_LIST(c->arena, TransferCode, checked->run.codes.count);
        for (int64_t i = 0; i < checked->run.codes.count; i++) {
            codes[i] = (TransferCode){ arena_str(c->arena, checked->run.codes.items[i].code),
                                       checked->run.codes.items[i].rows };
        }
        checked->run.codes.items = codes;
        c->plan = checked;
    }
    transfer_close(t);
    return err;
}

static Err post_check(Ctx *c, const void *body, void *ret) {
    (void)body;
    *(Checked *)ret = *(const Checked *)c->plan;
    return OK;
}

/* ---- start, and the work that follows ---- */

/* An import starts once; one that failed may be started again. */
static Err need_startable(Ctx *c, int64_t run_id, TransferRun *ret_run) {
    TRY(need_run(c, run_id, ret_run));
    if (ret_run->status == TRANSFER_UPLOADED || ret_run->status == TRANSFER_FAILED) return OK;
    return fail(c, E_CONFLICT, "transfer.not_ready", "这次导入已经开始", "this import has begun already");
}

static Err prepare_start(Ctx *c, const void *body) {
    TransferStart start;
    Table *table;
    TransferRun run = { 0 };
    TRY(need_startable(c, ((const Ask *)body)->run_id, &run));
    TRY(start_of(c, body, &start));
    TRY(table_open(c, &(TableOpen){ .path = start.path }, &table));
    TableRow head = { 0 };
    bool is_found = false;
    Columns columns;
    Err err = table_next(c, table, &head, &is_found);
    if (err == OK) err = columns_find(c, &start.map, start.kind, head.cells, &columns);
    table_close(table);
    c->plan = arena_take(c->arena, sizeof start, 16);
    *(TransferStart *)c->plan = start;
    return err;
}

static Err post_start(Ctx *c, const void *body, void *ret) {
    const Ask *in = body;
    const TransferStart *start = c->plan;
    TransferRun run = { 0 };
    TRY(need_startable(c, in->run_id, &run));
    run.map = start->map;
    run.shop_id = start->shop_id;
    run.does_earn = start->does_earn;
    TRY(run_begin(c, &run));
    TRY(audit(c, &(AuditNote){ .action = "transfer.start", .subject = "transfer", .subject_id = run.run_id }));
    TRY(emit(c, &transfer_wanted, run.run_id, &(TransferWanted){ run.run_id, 0 }));
    TRY(need_run(c, in->run_id, &run));
    *(View *)ret = view_of(&run);
    return OK;
}

typedef struct Part {
    bool is_more;
    TransferRun failed;
    bool has_failed;
} Part;

/* A file that cannot be read, or whose columns are wrong, will not get better: the run fails with the reason. */
static void note_failure(Ctx *c, const TransferRun *run, Part *part) {
    part->failed = *run;
    part->failed.status = TRANSFER_FAILED;
    part->failed.problem = c->problem.code ? str_of(c->problem.code) : S("internal");
    part->failed.finished_at = c->now;
    part->has_failed = true;
    problem_clear(c);
}

static Err import_part(Ctx *c, const TransferRun *run, Part *part) {
    TransferStart start = { .run_id = run->run_id,
                            .kind = run->kind,
                            .path = run->file_path,
                            .file_name = run->file_name,
                            .map = run->map,
                            .shop_id = run->shop_id,
                            .does_earn = run->does_earn };
    Transfer *t;
    Err err = transfer_open(c, &start, &t);
    if (err != OK) return err;
    part->is_more = true;
    for (int64_t i = 0; err == OK && part->is_more && i < PART_STEPS_MAX; i++)
        err = transfer_step(c, t, &part->is_more);
    transfer_close(t);
    return err;
}

/* Only what lies in our own folder is ours to take away: the command line reads and writes where people say. */
static void remove_own(Ctx *c, Str path) {
    Str dir = transfer_dir(c);
    bool is_own = path.len > dir.len + 1 && str_starts(path, dir) && path.at[dir.len] == '/';
    if (is_own) unlink(arena_cstr(c->arena, path));
}

static Err export_end(Ctx *c, void *arg) { return run_end(c, arg); }

static Err export_all(Ctx *c, TransferRun *run) {
    Str dir = transfer_dir(c);
    mkdir(arena_cstr(c->arena, dir), 0700);
    bool is_sheet = str_ends(run->file_name, S(".xlsx"));
    run->report_path = arena_print(c->arena, "%.*s/export-%lld.%s", (int)dir.len, dir.at, (long long)run->run_id,
                                   is_sheet ? "xlsx" : "csv");
    TRY(transfer_export(c, &(TransferExport){ .kind = run->kind, .path = run->report_path }, &run->rows));
    run->accepted_rows = run->rows;
    run->status = TRANSFER_DONE;
    run->done_bp = 10000;
    return app_apart(c, export_end, run);
}

static Err prepare_wanted(Ctx *c, int64_t event_id, const void *payload) {
    (void)event_id;
    const TransferWanted *wanted = payload;
    Part *part = NEW(c->arena, Part);
    TransferRun run = { 0 };
    c->plan = part;
    TRY(need_run(c, wanted->run_id, &run));
    if (run.status != TRANSFER_RUNNING) return OK;
    Err err = run.is_export ? export_all(c, &run) : import_part(c, &run, part);
    if (err == OK && !run.is_export && !part->is_more) remove_own(c, run.file_path);
    if (err == OK || err == E_BUSY || err == E_STALE || err == E_INTERNAL) return err;
    note_failure(c, &run, part);
    return OK;
}

static Err on_wanted(Ctx *c, int64_t event_id, const void *payload) {
    (void)event_id;
    const TransferWanted *wanted = payload;
    const Part *part = c->plan;
    if (part->has_failed) return run_end(c, &part->failed);
    if (!part->is_more) return OK;
    return emit(c, &transfer_wanted, wanted->run_id, &(TransferWanted){ wanted->run_id, wanted->part + 1 });
}

/* ---- export ---- */

typedef struct ExportAsk {
    TransferKind kind;
    bool is_sheet;
} ExportAsk;
static const Field export_ask_field[] = {
    FIELD_ENUM(ExportAsk, kind, transfer_kind_names, .need = true),
    FIELD(ExportAsk, is_sheet, .about = "XLSX instead of CSV"),
};
static const Fields export_ask_fields = FIELDS(ExportAsk, export_ask_field);

static Err post_export(Ctx *c, const void *body, void *ret) {
    const ExportAsk *in = body;
    TRY(need_all_shops(c));
    TransferRun run = { .run_id = id_new(c), .is_export = true, .kind = in->kind, .status = TRANSFER_RUNNING };
    run.file_name = arena_print(c->arena, "%s.%s", transfer_kind_names[in->kind], in->is_sheet ? "xlsx" : "csv");
    TRY(run_insert(c, &run));
    TRY(audit(c, &(AuditNote){ .action = "transfer.export", .subject = "transfer", .subject_id = run.run_id }));
    TRY(emit(c, &transfer_wanted, run.run_id, &(TransferWanted){ run.run_id, 0 }));
    TRY(need_run(c, run.run_id, &run));
    *(View *)ret = view_of(&run);
    return OK;
}

/* ---- cleaning up ---- */

static Err clean(Ctx *c, int64_t due_at, bool *ret_more) {
    (void)due_at;
    TransferRuns runs;
    TRY(run_stale(c, c->now - TRANSFER_KEEP_DAYS * (int64_t)DAY_MS, PAGE_MAX, &runs));
    for (int64_t i = 0; i < runs.count; i++) {
        remove_own(c, runs.items[i].file_path);
        remove_own(c, runs.items[i].report_path);
        TRY(run_forget_files(c, runs.items[i].run_id));
    }
    *ret_more = runs.count == PAGE_MAX;
    return OK;
}

static const Job jobs[] = { { "transfer.clean", .at_minute = 250, .run = clean } };

/* ---- reading ---- */

typedef struct Ref {
    int64_t run_id;
} Ref;
static const Field ref_field[] = { FIELD_ID(Ref, run_id, .need = true) };
static const Fields ref_fields = FIELDS(Ref, ref_field);

static Err get_run(Ctx *c, const void *body, void *ret) {
    TransferRun run = { 0 };
    TRY(need_run(c, ((const Ref *)body)->run_id, &run));
    *(View *)ret = view_of(&run);
    return OK;
}

/* The report of an import, or the file of an export. */
static Err get_file(Ctx *c, const void *body, void *ret) {
    (void)ret;
    TransferRun run = { 0 };
    TRY(need_run(c, ((const Ref *)body)->run_id, &run));
    bool is_there = run.report_path.len > 0 && access(arena_cstr(c->arena, run.report_path), R_OK) == 0;
    if (!is_there || (run.is_export && run.status != TRANSFER_DONE)) {
        return fail(c, E_CONFLICT, "transfer.no_file", "文件还没有准备好", "the file is not ready yet");
    }
    bool is_sheet = str_ends(run.report_path, S(".xlsx"));
    c->raw->content_type = is_sheet ? S("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
                                    : S("text/csv; charset=utf-8");
    c->raw->file = run.report_path;
    c->raw->headers[c->raw->header_count++] =
        (HttpHeader){ S("Content-Disposition"),
                      arena_print(c->arena, "attachment; filename=\"%s-%lld.%s\"", run.is_export ? "export" : "report",
                                  (long long)run.run_id, is_sheet ? "xlsx" : "csv") };
    return OK;
}

typedef struct Query {
    Str cursor;
    int64_t limit;
} Query;
static const Field query_field[] = { FIELD(Query, cursor), FIELD(Query, limit, .max = PAGE_MAX) };
static const Fields query_fields = FIELDS(Query, query_field);
typedef struct RunPage {
    LIST_OF(View) items;
    Str next_cursor;
} RunPage;
static const Field run_page_field[] = { FIELD_LIST(RunPage, items, view_fields, .max = PAGE_MAX),
                                        FIELD(RunPage, next_cursor) };
static const Fields run_page_fields = FIELDS(RunPage, run_page_field);

static Err get_runs(Ctx *c, const void *body, void *ret) {
    const Query *in = body;
    RunPage *out = ret;
    TransferRuns runs;
    TRY(need_all_shops(c));
    int64_t before = 0, unused = 0, limit = in->limit > 0 ? in->limit : PAGE_DEFAULT;
    TRY(page_open(c, in->cursor, &before, &unused));
    TRY(run_page(c, before == 0 ? INT64_MAX : before, limit, &runs));
    out->items.items = NEW_LIST(c->arena, View, runs.count);
    for (int64_t i = 0; i < runs.count; i++) out->items.items[out->items.count++] = view_of(&runs.items[i]);
    if (runs.count == limit) out->next_cursor = page_cursor(c, runs.items[limit - 1].run_id, 0);
    return OK;
}

/* ---- the slice ---- */

static const Route routes[] = {
    { "POST", "/v1/transfers/files", "Upload a CSV, packed CSV or XLSX to import; answers with its first rows",
      WHO_STAFF, "transfer.import", &upload_fields, &uploaded_fields, prepare_upload, post_upload,
      ROUTE_UPLOAD | ROUTE_CREATED },
    { "POST", "/v1/transfers/{run_id}/check",
      "Try an uploaded file: what would happen to its first rows; writes nothing", WHO_STAFF, "transfer.import",
      &ask_fields, &checked_fields, prepare_check, post_check, ROUTE_READ | ROUTE_SLOW },
    { "POST", "/v1/transfers/{run_id}/start", "Start the import of an uploaded file", WHO_STAFF, "transfer.import",
      &ask_fields, &view_fields, prepare_start, post_start, ROUTE_SLOW },
    { "POST", "/v1/exports", "Start an export of members, items, orders or entries", WHO_STAFF, "transfer.export",
      &export_ask_fields, &view_fields, NULL, post_export, ROUTE_CREATED },
    { "GET", "/v1/transfers", "List imports and exports, newest first", WHO_STAFF, "transfer.read", &query_fields,
      &run_page_fields, NULL, get_runs, ROUTE_LIST },
    { "GET", "/v1/transfers/{run_id}", "Progress of an import or export", WHO_STAFF, "transfer.read", &ref_fields,
      &view_fields, NULL, get_run, 0 },
    { "GET", "/v1/transfers/{run_id}/file", "The report of an import, row by row, or the file of an export", WHO_STAFF,
      "transfer.file", &ref_fields, NULL, NULL, get_file, ROUTE_RAW },
};

static const Handler handlers[] = { { &transfer_wanted, "transfer.on_wanted", on_wanted, prepare_wanted } };

static Err rows_are_counted_once(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM transfer_run WHERE merchant_id = $1",
        "SELECT run_id AS id, rows AS want, accepted_rows + merged_rows + listed_rows AS have FROM transfer_run"
        " WHERE merchant_id = $1 AND rows <> accepted_rows + merged_rows + listed_rows");
}

static const Hold holds[] = { { "transfer.every_row_is_counted_once", rows_are_counted_once } };

const Slice transfer_slice = {
    .name = "transfer",
    .routes = routes,
    .route_count = COUNT_OF(routes),
    .jobs = jobs,
    .job_count = COUNT_OF(jobs),
    .handlers = handlers,
    .handler_count = COUNT_OF(handlers),
    .holds = holds,
    .hold_count = COUNT_OF(holds),
};
