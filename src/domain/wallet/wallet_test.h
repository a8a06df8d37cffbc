/* wallet_test - what the tests of stored value start from. */
#pragma once
#include "domain/wallet/wallet_store.h"

typedef struct World World;             /* test/world.h */

/* A member with a session and the PIN 274913 who wishes SMS; the owner asks again afterwards. */
int64_t wallet_member(World *w, const char *phone, Str *ret_token);
int64_t wallet_package(World *w, int64_t pay_fen, int64_t gift_fen, int64_t months);       /* and 50 points */
int64_t wallet_recharge(World *w, int64_t member_id, int64_t package_id);                  /* for cash */
void wallet_pay(World *w, int64_t member_id, int64_t amount_fen, const char *spend_no);     /* whatever comes of it */
void wallet_expect(World *w, int64_t member_id, int64_t principal_fen, int64_t gift_fen);
void wallet_refused(const World *w, int status, const char *code);
/* The number of a recharge at the pay fake, and its genuine notice that so much was paid. */
Str wallet_channel_id(World *w, int64_t recharge_id);
void wallet_notice(World *w, int64_t recharge_id, int64_t amount_fen);
