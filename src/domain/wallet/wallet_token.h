/* wallet_token - 签名付款码: what a member's phone shows so that a till can check it without network, and never forge it.
 *
 * The phone makes an Ed25519 key (RFC 8032) of its own; the server certifies its public half for some weeks. A token is
 *   "LQ1." + base64url( certificate[129] | at[8] | nonce[8] | signature of the device[64] )
 *   certificate = 1 | merchant_id[8] | member_id[8] | device_id[8] | expires_at[8] | public key of the device[32] |
 *                 signature of the server[64]
 * numbers big-endian, instants unix ms. Signed are the bytes before a signature, behind a word that says what they are:
 * "laoke device 1" and "laoke token 1". A till needs the server's public key and the list of revoked devices
 * (GET /v1/till-keys); the server besides takes each nonce once. Pure. */
#pragma once
#include "base/crypto.h"

enum { TOKEN_CERTIFICATE_LEN = 129, TOKEN_NONCE_LEN = 8, TOKEN_LEN = TOKEN_CERTIFICATE_LEN + 16 + SIGN_LEN,
       TOKEN_FRESH_MS = 60 * 1000, TOKEN_EARLY_MS = 30 * 1000 /* a phone's clock may run ahead */ };

typedef struct WalletCertificate {
    int64_t merchant_id, member_id, device_id, expires_at; unsigned char device_public[KEY_LEN];
} WalletCertificate;
typedef struct WalletToken {
    WalletCertificate certificate; int64_t at; unsigned char nonce[TOKEN_NONCE_LEN];
} WalletToken;

bool wallet_token_is(Str text);                         /* that form, good or bad */
Bytes wallet_certificate_make(Arena *a, const Keys *server, const WalletCertificate *certificate);
/* What a phone does; `device` holds its signing key. */
Str wallet_token_make(Arena *a, const Keys *device, Bytes certificate, int64_t at,
                      const unsigned char nonce[TOKEN_NONCE_LEN]);

typedef enum TokenFault {
    TOKEN_GOOD, TOKEN_MALFORMED, TOKEN_OTHER_MERCHANT, TOKEN_FORGED, TOKEN_CERTIFICATE_OVER, TOKEN_STALE, TOKEN_EARLY,
} TokenFault;
extern const char *const token_fault_names[];
/* ret_token is filled unless the form itself is wrong; believe it only when TOKEN_GOOD comes back. */
TokenFault wallet_token_check(Arena *a, const unsigned char server_public[KEY_LEN], int64_t merchant_id, Str text,
                              int64_t now, WalletToken *ret_token);
