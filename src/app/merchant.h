/* merchant - 商户: one chain is one merchant with many shops; one server can host many merchants.
 * Owns:   merchant
 * Units:  created_at unix ms
 * Calls:  nobody (every slice's install hook)
 * Emits:  nothing
 * Holds:  codes are unique over the server
 * Errors: merchant.code, merchant.code_taken, merchant.unknown, merchant.zone */
#pragma once
#include "app/app.h"

enum { MERCHANTS_MAX = 20000 };

typedef struct Merchant { int64_t merchant_id; Str code, name, zone, currency, lang; int64_t created_at; } Merchant;
typedef LIST_OF(Merchant) Merchants;
extern const Fields merchant_fields;

/* empty: Asia/Shanghai, CNY, zh */
typedef struct MerchantMake { Str code, name, zone, currency, lang; } MerchantMake;
extern const Fields merchant_make_fields;

/* Outside a unit. Makes the merchant and runs every slice's install() in one unit; c->merchant_id is the new one
 * afterwards. */
Err merchant_create(Ctx *c, const MerchantMake *make, Merchant *ret_merchant);
/* The merchant of c (cached; texts live in c->arena): its zone is what days are counted by. */
Err merchant_get(Ctx *c, Merchant *ret_merchant);
Err merchant_by_code(Ctx *c, Str code, Merchant *ret_merchant);   /* E_NOT_FOUND "merchant.unknown" */
Err merchant_first(Ctx *c, int64_t *ret_merchant_id);             /* 0 = the server has none yet */
Err merchant_list(Ctx *c, Merchants *ret_list);                   /* ascending merchant_id */
