/* SQL of sale; private to this folder. */
#pragma once
#include "domain/sale/sale.h"

typedef struct SaleSetting { int64_t wait_minutes; } SaleSetting;
extern const Setting sale_setting;

Err sale_insert(Ctx *c, const Sale *sale, bool *ret_new);
Err sale_find(Ctx *c, int64_t sale_id, Sale *ret_sale, bool *ret_found);
Err sale_by_no(Ctx *c, int64_t shop_id, Str sale_no, Sale *ret_sale, bool *ret_found);
/* of a member (0 = any) and shop (0 = any), newest first */
Err sale_page(Ctx *c, int64_t member_id, int64_t shop_id, int64_t before, int64_t most, Sales *ret_list);
/* Waiting since before `until`. */
Err sale_stale(Ctx *c, int64_t until, int64_t most, Sales *ret_list);
/* waiting to done or cancelled; ret_done false: it did not wait */
Err sale_mark(Ctx *c, int64_t sale_id, SaleStatus status, bool *ret_done);
/* ret_done false: more than was paid */
Err sale_give_back(Ctx *c, const SaleRefund *refund, bool *ret_done);
Err sale_blank(Ctx *c, int64_t member_id);
Err sale_move(Ctx *c, const MergeInfo *m, int64_t *ret_moved);
Err sale_move_back(Ctx *c, const MergeInfo *m, int64_t *ret_moved);
/* Gives up what waited too long; money that comes later goes back whole. */
Err sale_job_expire(Ctx *c, int64_t due_at, bool *ret_more);
enum { SALE_HOLDS = 3 };
extern const Hold sale_holds[SALE_HOLDS];
