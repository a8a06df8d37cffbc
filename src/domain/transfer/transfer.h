/* transfer - 导入导出: members, items and past orders in from CSV or XLSX; members, items, orders and entries out again.
 *
 * Owns:   transfer_run
 * Units:  *_fen; *_points; lines are those of the file, 1 = the first; *_bp of 10000; *_at unix ms
 * Calls:  shop, identity, member, item, ledger, points, growth, tier, order, refund
 * Emits:  transfer.wanted
 * Holds:  a finished run has counted every row once: accepted + merged + listed = rows
 * Errors: transfer.map, transfer.column, transfer.preset, transfer.kind, transfer.no_shop, transfer.head,
 *         transfer.moved, transfer.file, transfer.report, transfer.dry_run, transfer.not_found, transfer.not_ready,
 *         transfer.no_file, row.tier, item.barcode_taken
 *
 * Every row of a file ends as accepted (it made something), merged (it was there already, or went into another line),
 * or listed with its reason; the report file says which, row by row. A second import of the same file changes nothing,
 * by natural keys: members by any identity, items by number, orders by (shop, order_no), credit notes by (shop,
 * number, line). A run remembers in the unit of the rows how far it came, so a kill loses nothing and doubles nothing:
 * the same command goes on where it stopped. Reasons a row is listed or merged for, beside the codes of refusals: see
 * transfer_words() and docs/guide/import.md. Files hold rows of every shop, so over the API they are for who works for
 * every shop (auth.other_shop). */
#pragma once
#include "app/app.h"

enum {
    TRANSFER_BATCH_ROWS = 4000, TRANSFER_CODES_MAX = 40, TRANSFER_CHECK_ROWS_MAX = 20000, TRANSFER_FINDINGS_MAX = 100,
    TRANSFER_KEEP_DAYS = 30,             /* reports and exports are taken away after so long: they hold personal data */
};

typedef enum TransferKind { TRANSFER_MEMBERS, TRANSFER_ITEMS, TRANSFER_ORDERS, TRANSFER_ENTRIES } TransferKind;
extern const char *const transfer_kind_names[];       /* "members", "items", "orders", "entries" (out only) */
typedef enum TransferStatus { TRANSFER_UPLOADED, TRANSFER_RUNNING, TRANSFER_DONE, TRANSFER_FAILED } TransferStatus;
extern const char *const transfer_status_names[];

/* Which column of theirs holds what of ours: names as they stand in the head line (case, width and blanks do not
 * count). What is left empty is found under our own name or its Chinese one. The last six are no columns. */
typedef struct TransferMap {
    Str external, phone, card, email;                  /* who: each an identity */
    Str name, gender, birthday, region, channel, joined, points, points_expiry, growth, tier, tags;    /* members */
    Str sku, item, category, brand, barcode, price;    /* items; lines of orders */
    Str order_no, quantity, amount, time, shop, tender;
    Str provider;                                      /* whose ids `external` are: "crm" */
    Str none;                                          /* what stands for nothing: "NA" */
    Str return_prefix;                                 /* orders: numbers that begin so are credit notes: "C" */
    Str money;                                         /* "yuan" (2.55) or "fen" (255); empty = yuan */
    Str day_order;                                     /* "ymd", "dmy" or "mdy"; empty = ymd */
    Str preset;                                        /* "online_retail": where this map is silent, that one speaks */
} TransferMap;
extern const Fields transfer_map_fields;
/* From the name of a preset, "ours=theirs,ours=theirs", or a JSON object. Refuses transfer.map, transfer.preset. */
Err transfer_map_read(Ctx *c, Str text, TransferMap *ret_map);

typedef struct TransferCode { Str code; int64_t rows; } TransferCode;
typedef LIST_OF(TransferCode) TransferCodes;
typedef struct TransferRun {
    int64_t run_id;
    bool is_export;
    TransferKind kind;
    TransferStatus status;
    Str file_name, file_path;
    Bytes file_hash;
    TransferMap map;
    int64_t shop_id;
    bool does_earn;
    /* position: whole batches up to a line, then parts of the next one */
    int64_t lines_done, groups_done;
    int64_t done_bp;
    int64_t rows, accepted_rows, merged_rows, listed_rows;
    TransferCodes codes;                               /* why rows were merged or listed */
    Str report_path; int64_t report_bytes;
    Str problem;                                       /* why it failed */
    int64_t created_at, updated_at, finished_at;
} TransferRun;
extern const Fields transfer_run_fields;

/* ---- in -------------------------------------------------------------------------------------------------------- */

typedef struct TransferStart {
    int64_t run_id;                                    /* an uploaded or stopped run; 0 = by file */
    TransferKind kind;
    Str path, file_name;                               /* file_name: for people; empty = the last part of path */
    TransferMap map;
    int64_t shop_id;                                   /* where the rows name none; 0 = the first shop */
    bool does_earn;                                    /* past orders pay out points, good from today on */
    /* every unit is refused at its end: what would happen, nothing happens */
    bool is_dry;
    int64_t rows_most;                                 /* dry runs: stop after so many; 0 = all */
    Str report_path;                                   /* empty = beside the database */
} TransferStart;

/* One import at work. Not inside a unit; it opens its own, a batch of rows each. A run that was begun for the same
 * file, map and shop and did not end is gone on with. */
typedef struct Transfer Transfer;
Err transfer_open(Ctx *c, const TransferStart *start, Transfer **ret_transfer);
/* One batch. A refusal leaves all that was done; opening again goes on. */
Err transfer_step(Ctx *c, Transfer *t, bool *ret_more);
const TransferRun *transfer_run(const Transfer *t);    /* as far as it came; until closed */
bool transfer_is_resumed(const Transfer *t);
/* Dry runs: the first rows that would be listed. */
typedef struct TransferFinding { int64_t line; Str status, code, zh, en; } TransferFinding;
typedef LIST_OF(TransferFinding) TransferFindings;
extern const Fields transfer_finding_fields;
TransferFindings transfer_findings(const Transfer *t);
void transfer_close(Transfer *t);                      /* NULL is fine */

/* What a code of a report means. */
void transfer_words(Str code, const char **ret_zh, const char **ret_en);

/* ---- out ------------------------------------------------------------------------------------------------------- */

typedef struct TransferExport {
    TransferKind kind;
    Str path;                                          /* ends in .xlsx: a sheet, else CSV with a byte order mark */
    bool does_reveal;                                  /* members: phone in clear; each opening by staff is audited */
    void (*progress)(void *user, int64_t rows); void *user;     /* may be NULL */
} TransferExport;
/* Streams in bounded memory; each page of rows from a snapshot of its own. */
Err transfer_export(Ctx *c, const TransferExport *export, int64_t *ret_rows);

/* Where uploads and reports lie: next to the database file, else in the temporary folder. */
Str transfer_dir(Ctx *c);
