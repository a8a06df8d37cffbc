/* Any bytes as an XLSX package in memory: every row or a refusal, never a crash, a hang or unbounded memory. */
#include "app/sheet.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    Ctx c = { .arena = &a };
    SheetReader *reader = NULL;
    Err err = sheet_open(&c, S(""), (Str){ (const char *)data, (int64_t)size }, S(""), &reader);
    bool is_found = err == OK;
    for (int64_t rows = 0; is_found && err == OK && rows < 100000; rows++) {
        int64_t line;
        StrList cells;
        err = sheet_next(&c, reader, &line, &cells, &is_found);
        if (err == OK && is_found && cells.count > CSV_CELLS_MAX) abort();
    }
    if (err != OK && c.problem.code == NULL) abort();
    sheet_close(reader);
    arena_free(&a);
    return 0;
}
