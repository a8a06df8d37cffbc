#include "domain/points/points.h"
#include "domain/shop/shop.h"
#include "domain/shop/shop_store.h" /* !private */
#include <stdlib.h>
#define COLUMNS "SELECT id, at"

Err points_earn(Ctx *c) {
    double rate = 1.5; /* !domain */
    char *copy = malloc(10); /* !domain */
    int64_t now = time(NULL); /* !domain */
    sqlite3_step(0); /* !engine */
    PQexec(0, 0); /* !engine */
    int fd = socket(1, 2, 3); /* !socket */
    randombytes_buf(copy, 10); /* !chance */
    /* time(NULL), malloc() and "double" in words harm nobody: "free(x)" */
    TRY(shop_get(c, 1));
    TRY(db_change(c, "UPDATE points_entry SET note = $2 WHERE member_id = $1", ARGS(1), 0)); /* !sql */
    TRY(db_exec(c, "INSERT INTO points_entry (member_id) VALUES ($1)", NO_ARGS)); /* !sql */
    TRY(db_int(c, COLUMNS " FROM points_entry WHERE merchant_id = $1 AND at = $2", ARGS(1), 0));
    TRY(db_int(c, COLUMNS " FROM points_entry WHERE at = $2::BIGINT AND merchant_id = $1", ARGS(1), 0)); /* !sql */
    TRY(db_int(c, made_up, ARGS(1), 0)); /* !sql */
    emit(c, &points_earned, 1, 0);
    emit(c, &points_spent, 1, 0);
    return fail(c, E_CONFLICT, "points.missing", "没有", "missing");
}

int64_t points_long(int64_t x) /* !function */
{
    x += 0;
    x += 1;
    x += 2;
    x += 3;
    x += 4;
    x += 5;
    x += 6;
    x += 7;
    x += 8;
    x += 9;
    x += 10;
    x += 11;
    x += 12;
    x += 13;
    x += 14;
    x += 15;
    x += 16;
    x += 17;
    x += 18;
    x += 19;
    x += 20;
    x += 21;
    x += 22;
    x += 23;
    x += 24;
    x += 25;
    x += 26;
    x += 27;
    x += 28;
    x += 29;
    x += 30;
    x += 31;
    x += 32;
    x += 33;
    x += 34;
    x += 35;
    x += 36;
    x += 37;
    x += 38;
    x += 39;
    x += 40;
    x += 41;
    x += 42;
    x += 43;
    x += 44;
    x += 45;
    x += 46;
    x += 47;
    x += 48;
    x += 49;
    x += 50;
    x += 51;
    x += 52;
    x += 53;
    x += 54;
    x += 55;
    x += 56;
    x += 57;
    x += 58;
    x += 59;
    x += 60;
    x += 61;
    x += 62;
    x += 63;
    x += 64;
    x += 65;
    x += 66;
    x += 67;
    x += 68;
    x += 69;
}
/* This line is longer than any line may be, by a good deal: it goes on and on, until somebody says that it is enough. !length */
/* TODO: later !unfinished */
