/* Handlers and shapes that the one route table of wallet_api.c names; private to this folder. */
#pragma once
#include "domain/wallet/wallet_store.h"

#define WALLET_PAGE(name, list_type)                                                                                   \
    typedef struct name {                                                                                              \
        list_type items;                                                                                               \
        Str next_cursor;                                                                                               \
    } name;                                                                                                            \
    extern const Fields name##_fields
WALLET_PAGE(WalletSpendPage, WalletSpends);
WALLET_PAGE(WalletFamilyPage, WalletFamilies);
WALLET_PAGE(WalletRechargePage, WalletRecharges);

/* wallet_move_api.c: lists of spends, corrections, transfers */
extern const Fields wallet_spends_ask_fields, wallet_my_page_ask_fields;
Err wallet_get_spends(Ctx *c, const void *body, void *ret);
Err wallet_get_my_spends(Ctx *c, const void *body, void *ret);
Err wallet_post_adjust(Ctx *c, const void *body, void *ret);
Err wallet_post_transfer(Ctx *c, const void *body, void *ret);

/* wallet_family_api.c */
extern const Fields wallet_family_ask_fields, wallet_family_invite_fields, wallet_family_change_fields,
    wallet_family_answer_fields, wallet_family_choice_fields, wallet_family_staff_fields;
Err wallet_get_my_family(Ctx *c, const void *body, void *ret);
Err wallet_get_family(Ctx *c, const void *body, void *ret);
Err wallet_post_my_family(Ctx *c, const void *body, void *ret);
Err wallet_put_my_family(Ctx *c, const void *body, void *ret);
Err wallet_post_my_family_answer(Ctx *c, const void *body, void *ret);
Err wallet_post_my_family_choice(Ctx *c, const void *body, void *ret);
Err wallet_post_my_family_leave(Ctx *c, const void *body, void *ret);
Err wallet_post_my_family_remove(Ctx *c, const void *body, void *ret);
Err wallet_post_family_remove(Ctx *c, const void *body, void *ret);

/* wallet_card_api.c */
extern const Fields wallet_cards_ask_fields, wallet_codes_ask_fields, wallet_card_sale_fields,
    wallet_card_redeem_fields, wallet_my_card_fields, wallet_card_void_fields, wallet_card_batch_page_fields,
    wallet_card_page_fields;
Err wallet_get_batches(Ctx *c, const void *body, void *ret);
Err wallet_post_batch(Ctx *c, const void *body, void *ret);
Err wallet_post_codes(Ctx *c, const void *body, void *ret);
Err wallet_post_card_sale(Ctx *c, const void *body, void *ret);
Err wallet_prepare_redeem(Ctx *c, const void *body);
Err wallet_prepare_my_card(Ctx *c, const void *body);
Err wallet_post_redeem(Ctx *c, const void *body, void *ret);
Err wallet_post_my_card(Ctx *c, const void *body, void *ret);
extern const Fields wallet_card_reopen_fields;
Err wallet_post_card_reopen(Ctx *c, const void *body, void *ret);
Err wallet_post_card_void(Ctx *c, const void *body, void *ret);

/* wallet_device_api.c */
extern const Fields wallet_device_new_fields, wallet_device_ref_fields, wallet_devices_revoke_fields,
    wallet_token_ask_fields, wallet_device_page_fields, wallet_token_seen_fields, wallet_till_keys_fields;
Err wallet_get_till_keys(Ctx *c, const void *body, void *ret);
Err wallet_get_my_devices(Ctx *c, const void *body, void *ret);
Err wallet_post_my_device(Ctx *c, const void *body, void *ret);
Err wallet_post_my_device_revoke(Ctx *c, const void *body, void *ret);
Err wallet_post_devices_revoke(Ctx *c, const void *body, void *ret);
Err wallet_post_token_read(Ctx *c, const void *body, void *ret);

/* wallet_online_api.c */
extern const Fields wallet_my_recharge_fields, wallet_my_recharge_ref_fields;
Err wallet_post_my_recharge(Ctx *c, const void *body, void *ret);
Err wallet_get_my_recharges(Ctx *c, const void *body, void *ret);
Err wallet_get_my_recharge(Ctx *c, const void *body, void *ret);
Err wallet_post_my_recharge_cancel(Ctx *c, const void *body, void *ret);
Err wallet_prepare_recharge_query(Ctx *c, const void *body);
Err wallet_prepare_my_recharge_query(Ctx *c, const void *body);
Err wallet_post_recharge_query(Ctx *c, const void *body, void *ret);
