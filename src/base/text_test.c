#include "base/text.h"
#include "test/test.h"
#include <string.h>

static Arena arena_new(void) {
    Arena a;
    arena_init(&a, ARENA_BUDGET);
    return a;
}

#define assert_text(have, want)                                                                                        \
    do {                                                                                                               \
        Str have_ = (have), want_ = str_of(want);                                                                      \
        if (!str_equal(have_, want_)) fail_msg("have \"%.*s\", want \"%s\"", (int)have_.len, have_.at, want_.at);      \
    } while (0)

TEST_PURE(search_form_makes_what_looks_alike_the_same) {
    Arena a = arena_new();
    static const struct {
        const char *from, *to;
    } known[] = {
        { "", "" },
        { "  Hello   World ", "hello world" },
        { "ＡＢＣ１２３", "abc123" },
        { "　张　三　", "张 三" },
        { "Straße", "strasse" },
        { "①㈱", "1(株)" },
        { "É", "é" },
        { "e\xcc\x81", "é" },
        { "\xff\xfe", "" },
        { "ab\xc3", "" },
        { "a\xc2\xadz", "az" },
    };
    for (int64_t i = 0; i < COUNT_OF(known); i++) assert_text(text_search_form(&a, str_of(known[i].from)), known[i].to);
    arena_free(&a);
}

TEST_PURE(pinyin_knows_family_names_with_a_sound_of_their_own) {
    Arena a = arena_new();
    static const struct {
        const char *zh, *full, *initials;
    } known[] = {
        { "张三丰", "zhangsanfeng", "zsf" },
        { "单雄信", "shanxiongxin", "sxx" },
        { "曾国藩", "zengguofan", "zgf" },
        { "解缙", "xiejin", "xj" },
        { "区寄", "ouji", "oj" },
        { "仇英", "qiuying", "qy" },
        { "朴树", "piaoshu", "ps" },
        { "尉迟恭", "yuchigong", "ycg" },
        { "尉健行", "weijianxing", "wjx" },
        { "吕布", "lvbu", "lb" },
        { "欧阳修", "ouyangxiu", "oyx" },
        { "Li Lei", "lilei", "ll" },
        { "老客超市2号店", "laokechaoshi2haodian", "lkcs2hd" },
        { "", "", "" },
        { "😀", "", "" },
    };
    for (int64_t i = 0; i < COUNT_OF(known); i++) {
        Pinyin p = text_pinyin(&a, str_of(known[i].zh), true);
        assert_text(p.full, known[i].full);
        assert_text(p.initials, known[i].initials);
    }
    assert_text(text_pinyin(&a, S("解放路"), false).full, "jiefanglu");
    arena_free(&a);
}

TEST_PURE(every_usual_character_has_a_syllable) {
    int64_t missing = 0;
    for (int32_t code = 0x4e00; code <= 0x9fa5; code++) missing += text_pinyin_char(code).len == 0;
    assert_true(missing < 20);
    assert_int_equal(text_pinyin_char('a').len, 0);
    assert_int_equal(text_pinyin_char(0x10ffff).len, 0);
}

TEST_PURE(gbk_and_utf8_and_utf16_are_recognised) {
    Arena a = arena_new();
    Str out, gbk;
    const char *text = "姓名,手机\r\n张三,13800000001\r\n€𠮷,朱镕基\r\n";
    assert_true(text_encode_gb18030(&a, str_of(text), &gbk));
    assert_true(gbk.len != (int64_t)strlen(text));
    assert_true(text_decode(&a, gbk, CHARSET_AUTO, &out));
    assert_text(out, text);
    assert_true(text_decode(&a, str_of(text), CHARSET_AUTO, &out));
    assert_text(out, text);
    assert_true(text_decode(&a,
                            S("\xef\xbb\xbf"
                              "a,b"),
                            CHARSET_AUTO, &out));
    assert_text(out, "a,b");
    assert_true(text_decode(&a,
                            S("\xff\xfe"
                              "a\0,\0\x20\x5f\x42\xd8\xb7\xdf"),
                            CHARSET_AUTO, &out));
    assert_text(out, "a,张𠮷");
    assert_true(text_decode(&a, S("\xfe\xff\0a"), CHARSET_AUTO, &out));
    assert_text(out, "a");
    assert_false(text_decode(&a, S("\xfe\xff\xd8\x00\0a"), CHARSET_AUTO, &out));
    assert_false(text_decode(&a, S("abc\xff\xff"), CHARSET_AUTO, &out));
    assert_false(text_decode(&a, S("\xc0\xaf"), CHARSET_UTF8, &out));
    assert_false(text_decode(&a, S("\xd5"), CHARSET_GB18030, &out));
    assert_true(text_decode(&a, S(""), CHARSET_AUTO, &out));
    assert_int_equal(out.len, 0);
    arena_free(&a);
}

TEST_PURE(decoding_in_pieces_gives_what_decoding_at_once_gives) {
    Arena a = arena_new();
    Str whole = S("only ascii first, then 姓名 €𠮷 朱镕基 and ascii again; 更多文字"), coded[4];
    assert_true(text_encode_gb18030(&a, whole, &coded[0]));
    coded[1] = whole;
    Buf wide = { .arena = &a };
    buf_add(&wide, S("\xff\xfe"));
    for (int64_t at = 0; at < whole.len;) {
        int32_t code = text_next(whole, &at);
        int32_t units[2] = { code >= 0x10000 ? 0xd7c0 + (code >> 10) : code, 0xdc00 | (code & 0x3ff) };
        for (int64_t k = 0; k < (code >= 0x10000 ? 2 : 1); k++) {
            buf_char(&wide, (char)(units[k] & 0xff));
            buf_char(&wide, (char)(units[k] >> 8));
        }
    }
    coded[2] = buf_str(&wide);
    for (int64_t k = 0; k < 3; k++) {
        for (int64_t step = 1; step < 9; step++) {
            Decoder d;
            Buf out = { .arena = &a };
            decoder_init(&d, CHARSET_AUTO);
            for (int64_t at = 0; at < coded[k].len; at += step) {
                DecodeResult result =
                    decoder_push(&d, str_slice(coded[k], at, at + step), at + step >= coded[k].len, &out);
                if (result != DECODE_OK) fail_msg("set %d, step %d, at %d", (int)k, (int)step, (int)at);
            }
            assert_true(str_equal(buf_str(&out), whole));
            assert_int_equal(d.bytes_read, coded[k].len);
        }
    }
    arena_free(&a);
}

TEST_PURE(phones_are_kept_in_one_form) {
    Arena a = arena_new();
    static const struct {
        const char *from, *to;
    } known[] = {
        { "13800000001", "13800000001" },
        { "+86 138-0000-0001", "13800000001" },
        { "008613800000001", "13800000001" },
        { "86 138 0000 0001", "13800000001" },
        { "１３８００００００01", "13800000001" },
        { "010-12345678", "01012345678" },
        { "+86 10 1234 5678", "01012345678" },
        { "+852 9123 4567", "+85291234567" },
        { "0044 20 7946 0000", "+442079460000" },
        { "400-123-4567", "4001234567" },
        { "(0571) 8888 8888", "057188888888" },
        { "12345", NULL },
        { "", NULL },
        { "138000000011", NULL },
        { "1380000000a", NULL },
        { "+0123456789", NULL },
        { "12800000001", NULL },
        { "++8613800000001", NULL },
        { "1234567890123456789", NULL },
        { "+86", NULL },
    };
    for (int64_t i = 0; i < COUNT_OF(known); i++) {
        Str phone;
        bool is_fine = text_phone(&a, str_of(known[i].from), &phone);
        if (is_fine != (known[i].to != NULL)) fail_msg("%s", known[i].from);
        if (is_fine) assert_text(phone, known[i].to);
    }
    arena_free(&a);
}

TEST_PURE(mail_addresses_are_checked_and_lowered) {
    Arena a = arena_new();
    Str out;
    assert_true(text_email(&a, S("  Zhang.San+Shop@Example.COM "), &out));
    assert_text(out, "zhang.san+shop@example.com");
    static const char *const bad[] = { "",      "a",        "a@",      "@b.cn",   "a@b",     "a@b..cn",   "a@-b.cn",
                                       "a@b.c", "a b@c.cn", "a@@b.cn", "张@b.cn", ".a@b.cn", "a..b@c.cn", "a@b.cn-" };
    for (int64_t i = 0; i < COUNT_OF(bad); i++) assert_false(text_email(&a, str_of(bad[i]), &out));
    arena_free(&a);
}

TEST_PURE(masks_hide_the_middle) {
    Arena a = arena_new();
    assert_text(text_mask_phone(&a, S("13812341234")), "138****1234");
    assert_text(text_mask_phone(&a, S("12345")), "****5");
    assert_text(text_mask_name(&a, S("张三丰")), "张**");
    assert_text(text_mask_name(&a, S("")), "");
    assert_text(text_mask_email(&a, S("zhang@example.com")), "z***@example.com");
    assert_text(text_mask_tail(&a, S("6222021234567890"), 4), "****7890");
    assert_text(text_mask_tail(&a, S("12"), 4), "****");
    arena_free(&a);
}
