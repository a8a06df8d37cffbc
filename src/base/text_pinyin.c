/* Pinyin by a table of our own (tools/pinyin makes it from ICU's rules): one look-up a character, no handle, any
 * thread. Family names keep old readings, so the first characters of a name go through a table of their own. */
#include "base/pinyin_table.h"
#include "base/text.h"

typedef struct Surname {
    const char *zh, *pinyin;
} Surname; /* syllables parted by blanks */

/* Two characters before one, so that 尉迟 is found before 尉. */
static const Surname surnames[] = {
    { "尉迟", "yu chi" },  { "万俟", "mo qi" },   { "单于", "chan yu" }, { "长孙", "zhang sun" }, { "澹台", "tan tai" },
    { "鲜于", "xian yu" }, { "独孤", "du gu" },   { "夏侯", "xia hou" }, { "皇甫", "huang fu" },  { "令狐", "ling hu" },
    { "呼延", "hu yan" },  { "亓官", "qi guan" }, { "宰父", "zai fu" },  { "乐正", "yue zheng" }, { "纥干", "he gan" },
    { "单", "shan" },      { "曾", "zeng" },      { "解", "xie" },       { "区", "ou" },          { "仇", "qiu" },
    { "朴", "piao" },      { "查", "zha" },       { "任", "ren" },       { "盖", "ge" },          { "翟", "zhai" },
    { "缪", "miao" },      { "覃", "qin" },       { "种", "chong" },     { "华", "hua" },         { "过", "guo" },
    { "那", "na" },        { "盛", "sheng" },     { "都", "du" },        { "谌", "chen" },        { "逄", "pang" },
    { "祭", "zhai" },      { "应", "ying" },      { "阚", "kan" },       { "隗", "wei" },         { "洗", "xian" },
    { "冼", "xian" },      { "员", "yun" },       { "贠", "yun" },       { "折", "she" },         { "黑", "he" },
    { "葛", "ge" },        { "纪", "ji" },        { "宁", "ning" },      { "召", "shao" },        { "乐", "yue" },
    { "尹", "yin" },       { "繁", "po" },        { "秘", "bi" },        { "宓", "fu" },          { "长", "zhang" },
    { "哈", "ha" },        { "佴", "nai" },       { "晁", "chao" },      { "褚", "chu" },         { "洪", "hong" },
    { "郇", "xun" },       { "郗", "xi" },        { "郄", "qie" },       { "瞿", "qu" },          { "句", "gou" },
    { "卜", "bu" },        { "柏", "bai" },       { "钭", "tou" },       { "妫", "gui" },         { "厍", "she" },
    { "眭", "sui" },       { "麴", "qu" },        { "撒", "sa" },        { "相", "xiang" },       { "车", "che" },
};
enum { SURNAME_COUNT = sizeof surnames / sizeof surnames[0] };

Str text_pinyin_char(int32_t code) {
    if (code < PINYIN_FIRST || code > PINYIN_LAST) return S("");
    const char *at = pinyin_codes + 2 * (code - PINYIN_FIRST);
    return str_of(pinyin_syllables[(at[0] - PINYIN_ZERO) * PINYIN_BASE + at[1] - PINYIN_ZERO]);
}

/* Adds the syllables of a family name at the start of `s`; gives the bytes it took, 0 for the plain reading. */
static int64_t add_surname(Str s, Buf *full, Buf *initials) {
    for (int64_t i = 0; i < SURNAME_COUNT; i++) {
        Str zh = str_of(surnames[i].zh), rest = str_of(surnames[i].pinyin), syllable;
        if (!str_starts(s, zh)) continue;
        while (rest.len > 0) {
            str_cut(rest, ' ', &syllable, &rest);
            buf_add(full, syllable);
            buf_char(initials, syllable.at[0]);
        }
        return zh.len;
    }
    return 0;
}

Pinyin text_pinyin(Arena *a, Str s, bool is_name) {
    Buf full = { .arena = a }, initials = { .arena = a };
    Str form = text_search_form(a, s);
    int64_t at = is_name ? add_surname(form, &full, &initials) : 0;
    bool is_in_word = false;
    for (int32_t code; (code = text_next(form, &at)) >= 0;) {
        Str syllable = text_pinyin_char(code);
        bool is_plain = (code >= 'a' && code <= 'z') || (code >= '0' && code <= '9');
        if (syllable.len > 0) {
            buf_add(&full, syllable);
            buf_char(&initials, syllable.at[0]);
        } else if (is_plain) {
            buf_char(&full, (char)code);
            if (!is_in_word || code <= '9') buf_char(&initials, (char)code); /* Li Lei → ll, A座12 → azuo12, az12 */
        }
        is_in_word = is_plain;
    }
    return (Pinyin){ buf_str(&full), buf_str(&initials) };
}
