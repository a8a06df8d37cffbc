/* token - 令牌: the text of sessions and API keys. Private to app/.
 *   prefix · 32 characters: base64url(merchant 8 bytes · id 8 bytes · MAC 8 bytes) · 32 characters: the secret (192
 *   bits)
 * The MAC lets a made-up token be refused without asking the database, and tells nothing of which merchants exist. */
#pragma once
#include "app/app_state.h"

enum { TOKEN_HEAD_LEN = 32, TOKEN_SECRET_LEN = 32, TOKEN_MAC_LEN = 8 };

typedef enum TokenKind { TOKEN_SESSION, TOKEN_KEY } TokenKind;
typedef struct TokenHead { TokenKind kind; int64_t merchant_id, id; unsigned char mac[TOKEN_MAC_LEN]; } TokenHead;

/* ret_sign_id: prefix and head, the public name of the token; ret_secret: its last part. Both lie inside ret_token. */
void token_make(Ctx *c, TokenKind kind, int64_t id, Str *ret_token, Str *ret_sign_id, Str *ret_secret);
/* Takes a token (or, with is_head_only, its sign_id) apart; false when it has not the form. The MAC is not looked at
 * yet. */
bool token_read(Arena *a, Str token, bool is_head_only, TokenHead *ret_head);
bool token_is_ours(const Keys *keys, const TokenHead *head);
/* The sign_id of a stored key. */
Str token_sign_id(Ctx *c, TokenKind kind, int64_t id);
