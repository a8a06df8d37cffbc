/* pinyin_table - 拼音表: the most usual reading of each character; private to text_pinyin.c. */
#pragma once
enum { PINYIN_FIRST = 0x4e00, PINYIN_LAST = 0x9fff, PINYIN_BASE = 34, PINYIN_ZERO = 93 };
extern const char *const pinyin_syllables[];
extern const char pinyin_codes[];
