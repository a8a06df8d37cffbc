/* text - 文字: what people write, made comparable: search form, pinyin, character sets, phones, mail addresses, masks.
 * All results live in the arena. No handles, nothing to close, safe from any thread. */
#pragma once
#include "base/arena.h"

/* ---- search form and pinyin ------------------------------------------------------------------------------------- */

/* NFKC, case folded, white space trimmed and runs of it made one blank. Invalid UTF-8 gives the empty text. */
Str text_search_form(Arena *a, Str s);

/* 张三丰 → "zhangsanfeng", "zsf". Letters and digits stay (folded), other marks are dropped. With is_name the first
 * characters are read as a family name: 单 shan, 曾 zeng, 解 xie, 区 ou, 仇 qiu, 朴 piao, 尉迟 yuchi … */
typedef struct Pinyin { Str full, initials; } Pinyin;
Pinyin text_pinyin(Arena *a, Str s, bool is_name);
/* most usual reading without tone; empty when there is none */
Str text_pinyin_char(int32_t code_point);

/* ---- character sets --------------------------------------------------------------------------------------------- */

typedef enum Charset { CHARSET_AUTO, CHARSET_UTF8, CHARSET_GB18030, CHARSET_UTF16LE, CHARSET_UTF16BE } Charset;
/* "auto", "utf-8", "gb18030", "utf-16le", "utf-16be", NULL */
extern const char *const charset_names[];
bool charset_of_name(Str name, Charset *ret_charset);         /* also gbk, gb2312, utf8, utf-16 in any case */

/* Streams bytes of any of these sets into strict UTF-8. CHARSET_AUTO: byte order mark, else ASCII until the first
 * other byte, and what follows decides between UTF-8 and GB18030. A byte order mark is swallowed. */
typedef struct Decoder {
    Charset charset;                 /* what it was opened with, and what was recognised since */
    int64_t bytes_read;              /* position in the input; after a refusal: where the malformed sequence begins */
    bool is_begun;
    unsigned char pending[4]; int64_t pending_count;          /* a sequence cut by the end of a chunk */
} Decoder;
typedef enum DecodeResult { DECODE_OK, DECODE_MALFORMED } DecodeResult;
void decoder_init(Decoder *d, Charset charset);
/* Appends the UTF-8 of `in` to `out`. is_last: nothing follows, a cut sequence is malformed. */
DecodeResult decoder_push(Decoder *d, Str in, bool is_last, Buf *out);
/* Whole texts; false when malformed. */
bool text_decode(Arena *a, Str in, Charset charset, Str *ret_utf8);
bool text_encode_gb18030(Arena *a, Str utf8, Str *ret_bytes);

/* ---- phones, mail, masks ---------------------------------------------------------------------------------------- */

/* Mainland mobile numbers become 11 digits ("+86 138-0000-0001" → "13800000001"), mainland landlines digits with
 * their 0, others E.164 ("+85291234567"). False: not a phone number. */
bool text_phone(Arena *a, Str s, Str *ret_phone);
bool text_phone_is_mobile(Str normal);                        /* a normalised mainland mobile number */
/* Trimmed, lower case, one @, a domain with a dot, at most 254 characters. */
bool text_email(Arena *a, Str s, Str *ret_email);

Str text_mask_phone(Arena *a, Str normal);                    /* 138****1234 */
Str text_mask_name(Arena *a, Str name);                       /* 张**, whatever the length */
Str text_mask_email(Arena *a, Str email);                     /* z***@example.com */
Str text_mask_tail(Arena *a, Str s, int64_t keep);            /* cards and the like: ****1234 */

/* First `most` code points of valid UTF-8. */
Str text_head(Str s, int64_t most);
/* The code point at *at and moves on; -1 at the end or where the text is not UTF-8. */
int32_t text_next(Str s, int64_t *at);
void buf_code_point(Buf *b, int32_t code_point);
