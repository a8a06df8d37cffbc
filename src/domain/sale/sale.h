/* sale - 售卡: times cards and paid plans bought by themselves, at the till or by the member, and given back for money.
 *
 * Owns:   sale, sale_refund, sale_merge
 * Units:  *_fen; *_at unix ms
 * Calls:  shop, member, payment, wallet, times, plan
 * Emits:  nothing
 * Holds:  a sale that is done was paid and gave what was bought; what it gave back is its refunds, its payment's and
 *         its cards' or its period's alike
 * Errors: (see docs/errors.md)
 *
 * One tender pays a sale: money, or stored balance with the member's proof. What waits at a channel is given when its
 * money arrives, however often and in whatever order the notices come. The calculators of times and plan say what goes
 * back; the money follows through the payment that brought it. */
#pragma once
#include "domain/plan/plan.h"
#include "domain/times/times.h"

enum { SALE_NO_MAX = 64, SALE_COUNT_MAX = 20 };
typedef enum SaleWhat { SALE_TIMES, SALE_PLAN } SaleWhat;
typedef enum SaleStatus { SALE_WAITING, SALE_DONE, SALE_CANCELLED } SaleStatus;

typedef struct Sale {
    int64_t sale_id, shop_id; Str sale_no;  /* unique per shop for ever */
    int64_t member_id; SaleWhat what; int64_t what_id, count;
    Str name, tender; SaleStatus status;
    int64_t amount_fen, returned_fen, created_at, done_at;
    Str external_no, code, pin;             /* asked with; code and PIN are kept nowhere */
    Str pay_url;                            /* waiting: what the payer opens */
    TimesCards cards; PlanPeriods periods;  /* what it gave: answers only */
    bool duplicate;
} Sale;
typedef LIST_OF(Sale) Sales;
extern const Fields sale_fields;

typedef struct SaleRefund {
    int64_t refund_id, sale_id, amount_fen; Steps steps; Str reason; int64_t at; Str state;
} SaleRefund;
extern const Fields sale_refund_fields;

Err sale_make(Ctx *c, const Sale *sale, const WalletProven *proven, Sale *ret_sale);
/* The money of a waiting one has arrived. Again: no effect. */
Err sale_paid(Ctx *c, int64_t sale_id);
Err sale_cancel(Ctx *c, int64_t sale_id, Sale *ret_sale);
Err sale_read(Ctx *c, int64_t sale_id, Sale *ret_sale);     /* E_NOT_FOUND sale.unknown */
Err sale_refund_quote(Ctx *c, int64_t sale_id, SaleRefund *ret_refund);
/* E_CONFLICT sale.not_done, sale.nothing_left; what times and plan refuse. */
Err sale_refund(Ctx *c, int64_t sale_id, Str reason, SaleRefund *ret_refund);
